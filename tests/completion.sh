#!/bin/bash
# completion.sh PROGRAM bash|zsh|fish: what the shell offers for the last word of a line, once it has the script that
# `venn completion` prints for it.
# shellcheck disable=SC2016 # other shells' dollars
set -u
program=$(realpath "$1") shell=$2
PATH=$(dirname "$program"):$PATH
export PATH
failed=0
work=$(mktemp -d "${TMPDIR:-/tmp}/venn-completion.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
touch zebra.yaml
script=$(venn completion "$shell") || exit 1
command -v "$shell" >/dev/null || { echo "$shell is not installed"; exit 1; }

# offered WORD...: what the shell offers, in a line; the last word is being completed.
case $shell in
bash)
    eval "$script"
    complete -p venn | grep -q -- '-F _venn' || { echo "bash knows no completion of venn"; failed=1; }
    # bash makes a word of "=", and lists files by itself.
    offered() {
        if [[ ${*: -1} == --*=* ]]; then
            COMP_WORDS=("${@:1:$#-1}" "${!#%%=*}" "=" "${!##*=}")
        else
            COMP_WORDS=("$@")
        fi
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        COMPREPLY=()
        _venn venn "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
        printf '%s\n' "${COMPREPLY[@]-}"
    }
    file() { :; }
    ;;
zsh)
    # The parts of its completion system that the script calls, as far as it uses them.
    offered() {
        zsh -f -c '
            compdef() { [[ "$*" == "_venn venn" ]] || print "compdef $*" }
            compadd() { while [[ $1 != -- ]]; do shift; done; shift; (( $# )) && print -l -- ${(M)@:#$PREFIX*} }
            compset() { [[ $1 == -P && $PREFIX == ${~2}* ]] && PREFIX=${PREFIX#*=} }
            _files() { print -l -- $PREFIX*(N) }
            eval "$1"
            shift
            words=("$@") CURRENT=$# PREFIX=$words[-1]
            _venn' zsh "$script" "$@"
    }
    file() { echo "$2"; }
    ;;
fish)
    offered() {
        local line
        printf -v line '%s ' "$@"
        HOME=$work fish --no-config -c 'echo $argv[1] | source; complete -C $argv[2]' "$script" "${line% }"
    }
    file() { echo "$1$2"; }
    ;;
*)
    echo "usage: $0 PROGRAM bash|zsh|fish" >&2
    exit 2
    ;;
esac

line() {
    offered "$@" | cut -f 1 | LC_ALL=C sort | tr '\n' ' ' | sed 's/ *$//'
}

expect() { # expect OFFER WORD...
    local want=$1 got
    shift
    got=$(line "$@")
    [ "$got" = "$want" ] || { echo "$*: offered \"$got\", not \"$want\""; failed=1; }
}

contains() { # contains OFFER WORD...: among others
    local want=$1 got
    shift
    got=" $(line "$@") "
    [[ $got == *" $want "* ]] || { echo "$*: \"$want\" is not in \"$got\""; failed=1; }
}

expect "distill" venn dis
expect "devices" venn dev
contains "train" venn ""
contains "mfh" venn ""
expect "" venn nothing-begins-so
expect "rank report" venn mfh r
expect "--seeds=" venn distill --see
expect "--trace-steps= --trace=" venn train digits-kd --tr
contains "-o" venn distill -
contains "--device=" venn distill --
contains "--help" venn version --
expect "digits-kd" venn distill digits-k
expect "softmax" venn op softma
expect "softsign" venn ops relu softs
expect "" venn mfh no-such-command -
# Files, where a value is to follow or nothing else fits.
expect "$(file "" zebra.yaml)" venn distill zeb
expect "$(file "" zebra.yaml)" venn distill --out ""
expect "$(file "" zebra.yaml)" venn distill -o zeb
expect "$(file --out= zebra.yaml)" venn distill --out=
expect "$(file --out= zebra.yaml)" venn distill --out=ze
expect "" venn distill -o di
[ "$failed" = 0 ] && echo "completion: all as it must be"
exit $failed

#!/bin/bash
# completion.sh PROGRAM: what bash offers for the last word of a line, after `eval "$(venn completion bash)"`.
set -u
PATH=$(dirname "$1"):$PATH
eval "$(venn completion bash)"
failed=0

# offered WORD...: COMPREPLY for the words as bash splits them, the last one being completed.
offered() {
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    COMPREPLY=()
    _venn venn "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
    echo "${COMPREPLY[*]-}" | tr '\n' ' ' | sed 's/ *$//'
}

expect() { # expect OFFER WORD...
    local want=$1 got
    shift
    got=$(offered "$@")
    [ "$got" = "$want" ] || { echo "$*: offered \"$got\", not \"$want\""; failed=1; }
}

contains() { # contains OFFER WORD...: among others
    local want=$1 got
    shift
    got=" $(offered "$@") "
    [[ $got == *" $want "* ]] || { echo "$*: \"$want\" is not in \"$got\""; failed=1; }
}

complete -p venn | grep -q -- '-F _venn' || { echo "bash knows no completion of venn"; failed=1; }
expect "distill" venn dis
expect "devices" venn dev
contains "train" venn ""
contains "mfh" venn ""
expect "" venn nothing-begins-so
expect "rank report" venn mfh r
expect "--seeds=" venn distill --see
expect "--trace= --trace-steps=" venn train digits-kd --tr
contains "-o" venn distill -
contains "--device=" venn distill --
contains "--help" venn version --
expect "digits-kd" venn distill digits-k
expect "softmax" venn op softma
expect "softsign" venn ops relu softs
expect "" venn distill --out ""     # files: bash's own business
expect "" venn distill --out = ""
expect "" venn distill -o di
expect "" venn mfh no-such-command -
[ "$failed" = 0 ] && echo "completion: all as it must be"
exit $failed

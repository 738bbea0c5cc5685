#!/bin/sh
# docs.sh DOXYGEN DOXYFILE: makes the API reference of the headers, without a warning, and looks whether pages say what
# the headers do; then it must refuse small headers, each for its own fault.
set -eu
doxygen=$1 config=$2
work=$(mktemp -d "${TMPDIR:-/tmp}/venn-docs.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

made() { # made INPUT: pages in $work/html
    { cat "$config" && echo "INPUT = $1" && echo "OUTPUT_DIRECTORY = $work"; } | "$doxygen" - >"$work/log" 2>&1
}

"$doxygen" "$config" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
pages=$(sed -n 's/^OUTPUT_DIRECTORY *= *//p' "$config")/html

says() { # says PAGE TEXT...: the page has each of them
    page=$1
    shift
    for text in "$@"; do
        sed 's/<[^>]*>//g; s/&[#a-z0-9]*;/ /g' "$pages/$page.html" | tr -s ' \n' '  ' | grep -qF "$text" ||
            { echo "$page.html does not say \"$text\"" && failed=1; }
    done
}

says base_8h "venn_bf16_from_f32 ( float value) The 16-bit types are storage" "VENN_BAD_FILE = ( -7 )"
says io_8h "*text is malloc"
says data_8h "HDF5 NAME may lie in groups"
says ops_8h "y = x[0], x[1], .." "lr scalar, the learning rate" "Parameters of venn_matmul"
says structvenn__optim__params "float beta2 Adam, AdamW; 0: 0.9 and 0.999" "Dynamic loss scaling"
says files "base.h" "vulkan.h"

printf '%s\n' '// venn/good.h: good.' '#ifndef VENN_GOOD_H' '#define VENN_GOOD_H' '' >"$work/head"
# shellcheck disable=SC2016 # backticks are the header's
good='// One. As venn_two with `<x> @y`.
int venn_one(int x);
int venn_two(int x);

// ---- Things ---------

// For a venn_thing.

// It has parts:
//   a   @b
typedef struct venn_thing {
    int a, b; // parts, 100 % of them
    int c;
} venn_thing;
'
accepts() {
    { cat "$work/head" && printf '%s\n' "$1" '#endif'; } >"$work/good.h"
    made "$work/good.h"
}
accepts "$good" || { cat "$work/log" && echo "a good header is refused" && failed=1; }

refuses() { # refuses WHAT TEXT: besides the good ones
    if accepts "$good
$2"; then
        echo "accepted: $1" && failed=1
    elif ! grep -q "error: .*venn_bad\|error: .*VENN_BAD" "$work/log"; then
        cat "$work/log" && echo "refused, but not by name: $1" && failed=1
    fi
}
refuses "a function without a comment" 'int venn_bad(void);'
refuses "a struct without a comment" 'typedef struct venn_bad { int a; } venn_bad;'
refuses "an enum without a comment" 'typedef enum venn_bad { VENN_A } venn_bad;'
refuses "a macro without a comment" '#define VENN_BAD 1'
refuses "a comment with a line between" '// Bad.

int venn_bad(void);'
refuses "a comment on what is not there" '// As venn_bad.
int venn_three(void);'
[ "$failed" = 0 ] && echo "docs: $(find "$pages" -name '*.html' | wc -l) pages"
exit $failed

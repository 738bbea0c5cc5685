#!/bin/sh
# examples.sh FOLDER NAME: runs one of examples/ under the validation layers and holds what it prints against
# what it must find. The layers stand around every instance of the program, its own as well as venn's.
# shellcheck disable=SC2016 # programs of awk have dollars of their own
set -eu
folder=$1 name=$2
# The default knows no messenger, so messages of an instance of the program's own come out on stdout.
export VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation VENN_VALIDATE=1 VENN_VALIDATE_ABORT=1
export VK_LAYER_ENABLES=VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
export VENN_WISDOM=none
out=$(mktemp "${TMPDIR:-/tmp}/venn-example.XXXXXX")
trap 'rm -f "$out" "$out.loader"' EXIT

VK_LOADER_DEBUG=layer "$folder/example_$name" >"$out" 2>"$out.loader" || {
    cat "$out" "$out.loader"
    echo "example_$name failed"
    exit 1
}
cat "$out"
grep -q 'VK_LAYER_KHRONOS_validation' "$out.loader" || { echo "the validation layer was not there"; exit 1; }
if grep -E 'VUID|SYNC-|Validation (Error|Warning)' "$out"; then
    echo "example_$name: the validation layers object"
    exit 1
fi

case $name in
train)
    program='/^epoch/ { n++ } /^test accuracy/ { score = $3 } END { exit !(n == 5 && score > 85) }'
    ;;
distil_custom_loss) # the distance between teacher and student shrinks, and all three have learnt
    program='/test accuracy/ { n += $(NF - 1) > 85 } $3 == "distance" { d[++k] = $4 }
             END { exit !(n == 3 && k == 2 && d[2] > 0 && d[2] < 0.8 * d[1]) }'
    ;;
own_data)
    program='/^test accuracy/ { score = $3 } /of 100 are told/ { n += $2 >= 90 }
             END { exit !(n == 3 && score > 90) }'
    ;;
embed)
    program='function near(x, want) { return x - want < 0.01 && want - x < 0.01 }
             /^y = / { found = near($3, 3) && near($6, -1) } END { exit !found }'
    ;;
*)
    echo "there is no example $name"
    exit 2
    ;;
esac
awk "$program" "$out" || { echo "example_$name did not find what it must"; exit 1; }

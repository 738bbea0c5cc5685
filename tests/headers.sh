#!/bin/sh
# headers.sh LANGUAGE SOURCE VOLK STB: every header compiles alone. LANGUAGE c or c++: the public ones,
# with nothing but include/ in sight; internal: those of src, as C.
set -eu
language=$1 source=$2 volk=$3 stb=$4
warnings="-Wall -Wextra -Wpedantic -Wshadow -Werror"
failed=0
count=0

check() { # check HEADER NAME-TO-INCLUDE COMPILER FLAGS...
    header=$1 name=$2
    shift 2
    count=$((count + 1))
    # The second inclusion must be harmless.
    printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
        "$@" -fsyntax-only - || { echo "$header does not compile alone"; failed=$((failed + 1)); }
}

# shellcheck disable=SC2086 # warnings are words
case $language in
c | c++)
    compiler="cc -std=c17"
    [ "$language" = c ] || compiler="c++ -std=c++17"
    for header in "$source"/include/venn/*.h; do
        check "$header" "venn/$(basename "$header")" $compiler -x "$language" $warnings \
            -I "$source/include"
    done
    ;;
internal)
    for header in "$source"/src/*/*.h; do
        check "$header" "${header#"$source"/src/}" cc -std=gnu17 -x c $warnings -Wno-unused-function \
            -I "$source/include" -I "$source/src" -I "$source/shaders/ops" -I "$source/shaders/lib" \
            -isystem "$volk" -isystem "$stb" -DVOLK_VULKAN_H_PATH='"volk_vulkan.h"' -D_GNU_SOURCE
    done
    ;;
*)
    echo "usage: $0 c|c++|internal SOURCE VOLK STB" >&2
    exit 2
    ;;
esac
echo "$count headers, $failed failed"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]

#!/bin/sh
# exports.sh LIBRARY INCLUDE VERSION: a shared libvenn has the soname of its version, exports what the public
# headers declare and nothing else, and every name of its carries the symbol version.
set -eu
export LC_ALL=C
library=$1 include=$2 version=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/venn-exports.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

complain() { # complain TITLE FILE: unless the file is empty
    [ -s "$2" ] || return 0
    echo "$1:"
    cat "$2"
    failed=1
}

soname=$(readelf -dW "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
[ "$soname" = "libvenn.so.$version" ] || { echo "the soname is $soname, not libvenn.so.$version"; failed=1; }

# Name and version of everything defined, but the version's own name.
readelf --dyn-syms -W "$library" | awk '$7 != "UND" && $5 == "GLOBAL" && $8 !~ /^VENN_/ { print $8 }' |
    sort -u >"$work/symbols"
[ -s "$work/symbols" ] || { echo "$library exports nothing"; exit 1; }
sed "/^venn_[a-z0-9_]*@@VENN_$version\$/d" "$work/symbols" >"$work/wrong"
complain "names that are not venn's, or not of version VENN_$version" "$work/wrong"
sed 's/@.*//' "$work/symbols" | sort >"$work/exported"

# A compiler knows every exported name from the headers.
for header in "$include"/venn/*.h; do echo "#include <venn/$(basename "$header")>"; done >"$work/all.c"
cp "$work/all.c" "$work/use.c"
sed 's/.*/_Static_assert(sizeof \&& != 0, "");/' "$work/exported" >>"$work/use.c"
cc -std=c17 -I "$include" -fsyntax-only -fmax-errors=0 "$work/use.c" 2>&1 |
    sed -n "s/.*error: .\(venn_[a-z0-9_]*\). undeclared.*/\1/p" | sort -u >"$work/unknown"
complain "exported, but in no public header" "$work/unknown"
[ -s "$work/unknown" ] || cc -std=c17 -I "$include" -fsyntax-only "$work/use.c" || failed=1

# Every function that the headers declare is there.
cc -std=c17 -I "$include" -fsyntax-only -aux-info "$work/prototypes" "$work/all.c"
sed -n 's|^/\* [^ ]*/venn/[a-z_]*\.h:.*[ *]\(venn_[a-z0-9_]*\) (.*|\1|p' "$work/prototypes" | sort -u >"$work/declared"
[ "$(wc -l <"$work/declared")" -gt 300 ] || { echo "the compiler found too few prototypes"; failed=1; }
comm -23 "$work/declared" "$work/exported" >"$work/missing"
complain "declared in a public header, but not exported" "$work/missing"

echo "$(wc -l <"$work/exported") names exported, $(wc -l <"$work/declared") functions declared"
exit $failed

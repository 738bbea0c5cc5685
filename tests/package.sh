#!/bin/sh
# package.sh BUILD [--chroot]: makes the Debian packages and looks at what is in them, as lintian does; the program is
# unpacked into a folder of its own and does a short main job from there, knowing nothing of the sources. With
# --chroot (root, apt's mirror, mmdebstrap): on a new Debian, installed by apt with what it depends on.
set -eu
build=$(cd "$1" && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/venn-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
expected="teacher, student and distilled"

fail() {
    echo "package.sh: $*"
    exit 1
}

# An address that does not depend on who runs this.
(cd "$work" && cpack -D "CPACK_PACKAGE_CONTACT=Some Body <somebody@example.org>" --config "$build/CPackConfig.cmake" \
    -B "$work/out" >"$work/log" 2>&1) || {
    cat "$work/log"
    fail "cpack failed"
}
program=$(ls "$work"/out/venn_*.deb) dev=$(ls "$work"/out/libvenn-dev_*.deb)

depends=$(dpkg-deb -f "$program" Depends)
for library in libc6 libvulkan1 libjansson4 libsndfile1 libcyaml1 libprotobuf-c1; do
    case $depends in *$library*) ;; *) fail "venn does not depend on $library: $depends" ;; esac
done
for field in Version Section Maintainer Description Architecture; do
    [ -n "$(dpkg-deb -f "$program" $field)" ] || fail "venn has no $field"
    [ -n "$(dpkg-deb -f "$dev" $field)" ] || fail "libvenn-dev has no $field"
done
dpkg-deb -f "$program" Maintainer | grep -Eq '^[^<>@]+ <[^<>@ ]+@[^<>@ ]+>$' || fail "a maintainer without an address"
dpkg-deb -c "$program" >"$work/program"
dpkg-deb -c "$dev" >"$work/dev"
grep -q 'usr/share/man/man1/venn-distill.1.gz' "$work/program" || fail "venn has no manual"
for file in bash-completion/completions/venn zsh/vendor-completions/_venn fish/vendor_completions.d/venn.fish; do
    grep -q "usr/share/$file" "$work/program" || fail "venn has no completion $file"
done
grep -q 'usr/include/venn/venn.h' "$work/dev" || fail "libvenn-dev has no headers"
libdir=usr/$(sed -n 's/^CMAKE_INSTALL_LIBDIR:[A-Z]*=//p' "$build/CMakeCache.txt")
dpkg-deb -x "$dev" "$work/unpacked"
! grep -nE '[ ;"=]/[^ ;"]*\.(so|a)' "$work/unpacked/$libdir/cmake/venn/"*.cmake "$work/unpacked/$libdir/pkgconfig/venn.pc" ||
    fail "libvenn-dev names a place of this machine"
dpkg-deb --fsys-tarfile "$program" | tar -xO ./usr/share/doc/venn/changelog.gz | gunzip | dpkg-parsechangelog -l- -S Version |
    grep -qx "$(dpkg-deb -f "$program" Version)" || fail "the newest entry of the changelog is of another version"
command -v lintian >/dev/null || fail "lintian is not installed"
# Whoever asked for lib itself, without the machine's name, has asked for this: CPack takes all below it for libraries
# that ldconfig should know.
apart=
[ "$libdir" != usr/lib ] || apart=pkg-config-unavailable-for-cross-compilation,maintscript-calls-ldconfig
lintian --allow-root ${apart:+--suppress-tags "$apart"} --fail-on error,warning "$program" "$dev" >"$work/lintian" 2>&1 || {
    cat "$work/lintian"
    fail "lintian found something"
}

# job VENN...: a short main job in an empty folder, with nothing of the build in sight.
job() {
    "$@" version | grep -q '^venn [0-9]' || fail "venn version"
    "$@" distill digits-kd --seeds 1 --epochs 1 --limit 400 -o "$where/job" >"$work/table" 2>"$work/messages" || {
        cat "$work/messages"
        fail "venn distill failed"
    }
    grep -Eq '^distilled.* %' "$work/table" || { cat "$work/table"; fail "no table of $expected"; }
}

if [ "${2:-}" != --chroot ]; then
    # dpkg keeps a book of its own in this root; depending libraries are those of this machine.
    root=$work/root
    mkdir -p "$root/var/lib/dpkg/updates" "$root/var/lib/dpkg/info" "$root/var/log" "$work/empty"
    : >"$root/var/lib/dpkg/status"
    book="--root=$root --log=$work/dpkg.log --force-not-root --force-depends --force-script-chrootless"
    # shellcheck disable=SC2086 # words on purpose
    dpkg $book -i "$program" "$dev" >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg -i failed"; }
    where=$work/empty
    cd "$where"
    job env LD_DEBUG=files "LD_DEBUG_OUTPUT=$work/loaded" "$root/usr/bin/venn"
    module=$(find "$root/$libdir/venn" -name 'libvenn_*.so')
    [ -z "$module" ] || grep -Eq "calling init: (.*/libshaderc.so.1|.*/venn/libvenn_shaderc.so)" "$work"/loaded.* ||
        fail "the program does not find $module"
    # shellcheck disable=SC2086
    dpkg $book --purge venn libvenn-dev >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg --purge failed"; }
    left=$(find "$root" -path '*/usr/*' -type f)
    [ -z "$left" ] || fail "left behind: $left"
else
    command -v mmdebstrap >/dev/null || fail "mmdebstrap is not installed"
    root=$work/chroot
    mmdebstrap --variant=apt --include=mesa-vulkan-drivers bookworm "$root" >"$work/log" 2>&1 || {
        tail -5 "$work/log"
        fail "no Debian could be made"
    }
    cp "$program" "$root/tmp/venn.deb"
    where=/root
    chroot "$root" apt-get -q update >"$work/log" 2>&1 || fail "no lists of packages"
    chroot "$root" apt-get install -y --no-install-recommends /tmp/venn.deb >"$work/log" 2>&1 || {
        tail -5 "$work/log"
        fail "apt-get could not install it"
    }
    mount --bind /proc "$root/proc"
    trap 'umount "$root/proc"; rm -rf "$work"' EXIT
    job chroot "$root" venn
    chroot "$root" apt-get purge -y venn >"$work/log" 2>&1 || fail "apt-get could not remove it"
    [ ! -e "$root/usr/bin/venn" ] || fail "venn is still there"
fi
echo "$(basename "$program"), $(basename "$dev"): depends on $depends"
tail -3 "$work/table"

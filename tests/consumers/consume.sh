#!/bin/sh
# consume.sh WAY SOURCE BUILD: uses venn as somebody else's project would, and runs the result.
#   find_package      an installed static libvenn, from a C++ project
#   pkg_config        the same without CMake; also beside a program's own use of Vulkan
#   add_subdirectory  the sources as a part of another project, as a shared library
set -eu
way=$1 source=$2 build=$3
here=$source/tests/consumers
work=$(mktemp -d "${TMPDIR:-/tmp}/venn-consumer.XXXXXX")
trap 'rm -rf "$work"' EXIT

install_venn() {
    cmake --install "$build" --prefix "$work/prefix" >"$work/log" || { cat "$work/log"; exit 1; }
}

configure_and_build() {
    cmake -G Ninja -S "$here/$way" -B "$work/build" -DCMAKE_BUILD_TYPE=Debug "$@"
    cmake --build "$work/build" -j 2
}

case $way in
find_package)
    install_venn
    configure_and_build -DCMAKE_PREFIX_PATH="$work/prefix"
    "$work/build/consumer"
    cmake -G Ninja -S "$source/examples" -B "$work/examples" -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build "$work/examples" -j 2
    for example in "$source"/examples/*.c; do
        name=example_$(basename "$example" .c)
        [ -x "$work/examples/$name" ] || { echo "examples/CMakeLists.txt does not build $name"; exit 1; }
    done
    "$work/examples/example_embed"
    [ ! -x "$build/venn" ] || {
        "$work/prefix/bin/venn" version
        for file in man/man1/venn.1 man/man1/venn-distill.1 bash-completion/completions/venn \
            zsh/site-functions/_venn fish/vendor_completions.d/venn.fish; do
            [ -s "$work/prefix/share/$file" ] || { echo "share/$file is not installed"; exit 1; }
        done
    }
    ;;
pkg_config)
    install_venn
    pc=$(find "$work/prefix" -name venn.pc)
    PKG_CONFIG_PATH=$(dirname "$pc")
    export PKG_CONFIG_PATH
    flags=$(pkg-config --cflags --libs venn)
    # shellcheck disable=SC2086 # flags are words
    cc -std=c17 "$here/consumer.c" -o "$work/consumer" $flags
    # shellcheck disable=SC2086
    cc -std=c17 "$here/vulkan_user.c" -o "$work/vulkan_user" $flags -lvulkan
    "$work/consumer"
    "$work/vulkan_user"
    for example in "$source"/examples/*.c; do
        # shellcheck disable=SC2086
        cc -std=c17 -Wall -Wextra -Werror "$example" -o "$work/$(basename "$example" .c)" $flags -lvulkan
    done
    "$work/embed"
    ;;
add_subdirectory)
    configure_and_build -DVENN_SOURCE="$source"
    "$work/build/consumer"
    "$source/tests/exports.sh" "$work/build/venn/libvenn.so" "$source/include" \
        "$(sed -n 's/^#define VENN_VERSION "\([0-9]*\.[0-9]*\).*/\1/p' "$source/include/venn/base.h")"
    ;;
*)
    echo "usage: $0 find_package|pkg_config|add_subdirectory SOURCE BUILD" >&2
    exit 2
    ;;
esac

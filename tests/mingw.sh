#!/bin/sh
# mingw.sh BUILD: compiles every object of libvenn by mingw-w64's gcc, with what BUILD has generated, into
# BUILD/mingw/libvenn.a, and looks at what the archive leaves undefined: each name must be in Windows' import libraries,
# in the C library, winpthreads or zlib of mingw-w64, or be one of a library that Debian does not build for Windows,
# whose headers alone are used. A function of POSIX that is not ported shows here. Nothing is linked and nothing runs;
# HDF5 and NIfTI, whose headers are of the machine they were made on, are left out.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
out=$build/mingw
target=x86_64-w64-mingw32
foreign='^(json_|cyaml_|yaml_|sf_|kiss_fft|protobuf_c_|XXH)'

rm -rf "$out"
mkdir -p "$out/headers" "$out/objects"
for header in jansson.h jansson_config.h cyaml yaml.h sndfile.h kissfft xxhash.h xxh3.h Random123 stb vulkan vk_video \
    volk.h volk.c shaderc protobuf-c; do
    for folder in /usr/include "/usr/include/$(uname -m)-linux-gnu"; do
        [ ! -e "$folder/$header" ] || ln -sfn "$folder/$header" "$out/headers/$header"
    done
done

# compile FILE: to an object that is named for its path.
# Formats: attributes say printf, which gcc for Windows takes for Microsoft's, while the functions are mingw-w64's own that
# follow C. Unused variables and missing initializers: what is left out for Windows leaves some; other builds see them.
cat >"$out/compile" <<END
#!/bin/sh
set -eu
object=$out/objects/\$(echo "\$1" | tr / _).o
exec $target-gcc -c "\$1" -o "\$object" -std=gnu17 -O1 -Wall -Wextra -Wno-missing-field-initializers \
    -Werror=implicit-function-declaration -Werror=int-conversion -Werror=incompatible-pointer-types \
    -Wno-format -Wno-format-extra-args -Wno-unused-variable -D_GNU_SOURCE -D__USE_MINGW_ANSI_STDIO=1 \
    -DVOLK_VULKAN_H_PATH='"volk_vulkan.h"' -DVENN_HAS_SHADERC -Dkiss_fft_scalar=float \
    -include $root/src/base/windows/posix_on_windows.h -I$root/src/base/windows -I$root/include -I$root/src \
    -I$root/shaders -I$root/shaders/ops -I$root/shaders/lib -I$build/shaders -isystem $build/volk -isystem $build/proto \
    -isystem $out/headers -isystem $out/headers/stb -isystem $out/headers/kissfft
END
chmod +x "$out/compile"
{
    find "$root/src" -name '*.c' ! -path '*/cli/*'
    ls "$build"/assets/*_table.c "$build"/shaders/*_table.c "$build"/proto/*.c
} >"$out/sources"
xargs -P "$(nproc)" -n 1 "$out/compile" <"$out/sources" >"$out/log" 2>&1 || {
    grep -B1 -A4 'error' "$out/log" | head -60
    echo "mingw.sh: not everything compiles for Windows ($out/log)"
    exit 1
}
find "$out/objects" -name '*.o' -exec $target-ar qc "$out/libvenn.a" {} +

names() { # names NM-OPTION FILE...: sorted
    $target-nm "$@" 2>/dev/null | sed -n 's/^[0-9a-f ]* [A-Za-z] \(__imp_\)\{0,1\}//p' | sort -u
}
names -g --undefined-only "$out/libvenn.a" >"$out/wanted"
libraries=$(for name in mingw32 mingwex msvcrt kernel32 winpthread z gcc gcc_eh; do
    $target-gcc -print-file-name=lib$name.a
done)
# shellcheck disable=SC2086 # words on purpose
{ names -g --defined-only "$out/libvenn.a" && names -g --defined-only $libraries; } | sort -u >"$out/there"
# No line left is success, and no match to grep.
comm -23 "$out/wanted" "$out/there" | grep -Ev "$foreign" >"$out/missing" || true
if [ -s "$out/missing" ]; then
    echo "mingw.sh: functions that no library for Windows has:"
    cat "$out/missing"
    exit 1
fi
echo "mingw: $(wc -l <"$out/sources") objects, $(comm -23 "$out/wanted" "$out/there" | wc -l) names of libraries that" \
    "Debian does not build for Windows, none missing"

# Libraries that venn stands on; ARCHITECTURE.md says why each. The pkg-config modules are listed once,
# as TARGET=module, for this build, for vennConfig.cmake and for venn.pc.
set(VENN_PKG_MODULES VENN_XXHASH=libxxhash VENN_SNDFILE=sndfile VENN_KISSFFT=kissfft-float
    VENN_CYAML=libcyaml VENN_JANSSON=jansson)

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
set(VENN_PKG_TARGETS "")
foreach(module ${VENN_PKG_MODULES})
    string(REPLACE "=" ";" pair ${module})
    list(GET pair 0 prefix)
    list(GET pair 1 name)
    pkg_check_modules(${prefix} REQUIRED IMPORTED_TARGET ${name})
    list(APPEND VENN_PKG_TARGETS PkgConfig::${prefix})
endforeach()

# Headers only: the Vulkan loader is opened at run time, through volk.
find_path(VENN_VULKAN_INCLUDE_DIR vulkan/vulkan.h REQUIRED)
find_path(VENN_VOLK_INCLUDE_DIR volk.h REQUIRED)
find_path(VENN_STB_INCLUDE_DIR stb_image.h PATH_SUFFIXES stb REQUIRED)
find_path(VENN_RANDOM123_INCLUDE_DIR Random123/philox.h REQUIRED)
find_program(GLSLC glslc REQUIRED)

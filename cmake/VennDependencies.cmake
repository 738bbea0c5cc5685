# Libraries that venn stands on; ARCHITECTURE.md says why each. The pkg-config modules are listed once,
# as TARGET=module, for this build, for vennConfig.cmake and for venn.pc.
set(VENN_PKG_MODULES VENN_XXHASH=libxxhash VENN_SNDFILE=sndfile VENN_KISSFFT=kissfft-float
    VENN_CYAML=libcyaml VENN_JANSSON=jansson VENN_PROTOBUFC=libprotobuf-c)

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
find_program(PROTOC_C protoc-c REQUIRED) # of protobuf-c-compiler

# Optional: HDF5, which Debian calls by its way of being built.
option(VENN_HDF5 "Read HDF5 and MATLAB 7.3 files, if libhdf5-dev is there" ON)
set(VENN_HDF5_TARGET "")
if(VENN_HDF5)
    pkg_search_module(VENN_HDF5LIB QUIET IMPORTED_TARGET hdf5-serial hdf5)
    if(VENN_HDF5LIB_FOUND)
        set(VENN_HDF5_TARGET PkgConfig::VENN_HDF5LIB)
        list(APPEND VENN_PKG_MODULES VENN_HDF5LIB=${VENN_HDF5LIB_MODULE_NAME})
        list(APPEND VENN_PKG_TARGETS ${VENN_HDF5_TARGET})
    else()
        message(STATUS "HDF5 files will not be read: install libhdf5-dev and configure again")
    endif()
endif()

# Optional: medical volumes. No pkg-config file, and its CMake one wants the static libraries, too.
option(VENN_NIFTI "Read NIfTI volumes, if libnifti-dev is there" ON)
set(VENN_NIFTI_LIBRARIES "")
if(VENN_NIFTI)
    find_path(VENN_NIFTI_INCLUDE_DIR nifti1_io.h PATH_SUFFIXES nifti)
    find_library(VENN_NIFTI_LIBRARY niftiio)
    find_library(VENN_ZNZ_LIBRARY znz)
    if(VENN_NIFTI_INCLUDE_DIR AND VENN_NIFTI_LIBRARY AND VENN_ZNZ_LIBRARY)
        set(VENN_NIFTI_LIBRARIES ${VENN_NIFTI_LIBRARY} ${VENN_ZNZ_LIBRARY})
        cmake_path(GET VENN_NIFTI_LIBRARY PARENT_PATH folder)
        if(folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES) # what is installed then says no paths of this machine
            set(VENN_NIFTI_LIBRARIES niftiio znz)
        endif()
    else()
        message(STATUS "NIfTI volumes will not be read: install libnifti-dev and configure again")
    endif()
endif()

# Optional: kernels of several ops, made at run time. The header says what the library is asked for; it is
# opened when it is first needed, so a program built with it runs without it.
option(VENN_SHADERC "Make kernels of several ops at run time, if libshaderc-dev is there" ON)
if(VENN_SHADERC)
    find_path(VENN_SHADERC_INCLUDE_DIR shaderc/shaderc.h)
endif()
if(NOT VENN_SHADERC OR NOT VENN_SHADERC_INCLUDE_DIR)
    set(VENN_SHADERC_INCLUDE_DIR "")
    message(STATUS "Only pairs of ops that are built in will be fused: install libshaderc-dev and configure again")
endif()

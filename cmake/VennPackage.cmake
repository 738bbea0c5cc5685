# cpack -G DEB: venn, the program, and libvenn-dev, for building on the library.
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/venn
    RENAME copyright COMPONENT program)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libvenn-dev
    RENAME copyright COMPONENT dev)

# A package's maintainer is who makes it, as Debian's own tools have it: DEBFULLNAME and DEBEMAIL, or the user here.
if(NOT DEFINED VENN_PACKAGE_MAINTAINER)
    execute_process(COMMAND id -un OUTPUT_VARIABLE name OUTPUT_STRIP_TRAILING_WHITESPACE)
    cmake_host_system_information(RESULT host QUERY FQDN)
    set(address "${name}@${host}")
    if(DEFINED ENV{DEBFULLNAME})
        set(name "$ENV{DEBFULLNAME}")
    endif()
    if(DEFINED ENV{DEBEMAIL})
        set(address "$ENV{DEBEMAIL}")
    endif()
    set(VENN_PACKAGE_MAINTAINER "${name} <${address}>" CACHE STRING "Maintainer of the Debian packages")
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME venn)
set(CPACK_PACKAGE_CONTACT "${VENN_PACKAGE_MAINTAINER}")
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program dev)
set(CPACK_VENN_SOURCE_DIR ${PROJECT_SOURCE_DIR})
set(CPACK_VENN_STRIP ${CMAKE_STRIP})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/VennDebianFiles.cmake)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME venn)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
# The Vulkan loader is opened at run time, so no linker knows of it.
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS libvulkan1)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS "mesa-vulkan-drivers | vulkan-icd, gnuplot-nox | gnuplot")
# CPack puts the project's line above these, and a blank before each line.
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION "One program for GPUs of every vendor, and for software Vulkan: it teaches a
student network with a teacher that sees another modality. Its default data
set, configurations and shaders are compiled in.")

set(CPACK_DEBIAN_DEV_PACKAGE_NAME libvenn-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libjansson-dev, libxxhash-dev, libsndfile1-dev, libkissfft-dev,\
 libcyaml-dev, libprotobuf-c-dev, zlib1g-dev, libnifti-dev, libhdf5-dev, pkg-config")
set(CPACK_DEBIAN_DEV_PACKAGE_SUGGESTS libvulkan-dev)
set(CPACK_DEBIAN_DEV_DESCRIPTION "Headers, library, CMake package and pkg-config file for programs that train
networks through libvenn.")
include(CPack)

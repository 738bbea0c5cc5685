# cmake --install: program, library, headers, vennConfig.cmake for find_package(venn), venn.pc.
# A static libvenn needs its libraries at the user's link, a shared one carries their names itself.
include(CMakePackageConfigHelpers)
set(VENN_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/venn)
set(VENN_PC_MODULES zlib)
foreach(module ${VENN_PKG_MODULES})
    string(REGEX REPLACE ".*=" "" name ${module})
    list(APPEND VENN_PC_MODULES ${name})
endforeach()
list(JOIN VENN_PC_MODULES ", " VENN_PC_MODULES)
set(VENN_PC_NIFTI ${VENN_NIFTI_LIBRARIES})
list(TRANSFORM VENN_PC_NIFTI PREPEND -l REGEX "^[^/]")
list(JOIN VENN_PC_NIFTI " " VENN_PC_NIFTI)
set(VENN_PC_LINES "Requires: ${VENN_PC_MODULES}\nLibs: -L\${libdir} -lvenn ${VENN_PC_NIFTI} -lm -lpthread -ldl")
if(BUILD_SHARED_LIBS)
    set(VENN_PC_LINES "Requires.private: ${VENN_PC_MODULES}\nLibs: -L\${libdir} -lvenn")
endif()

# Two components: the program and all it needs, and what is needed to build programs on libvenn.
install(TARGETS venn EXPORT venn-targets
    ARCHIVE COMPONENT dev
    LIBRARY COMPONENT program NAMELINK_COMPONENT dev)
install(EXPORT venn-targets NAMESPACE venn:: DESTINATION ${VENN_CMAKE_DIR} COMPONENT dev)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/venn TYPE INCLUDE COMPONENT dev)
if(TARGET shaderc_module)
    install(TARGETS shaderc_module LIBRARY DESTINATION ${VENN_MODULE_DIR} COMPONENT program)
endif()
if(TARGET venn_program)
    install(TARGETS venn_program COMPONENT program)
    install(FILES ${VENN_MAN_PAGES} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
    if(VENN_COMPLETION_DIR)
        install(FILES ${VENN_COMPLETION_DIR}/bash RENAME venn
            DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT program)
        install(FILES ${VENN_COMPLETION_DIR}/fish RENAME venn.fish
            DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT program)
        # Debian's zsh looks for what packages bring elsewhere than all others.
        install(FILES ${VENN_COMPLETION_DIR}/zsh RENAME _venn
            DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT no_package)
        install(FILES ${VENN_COMPLETION_DIR}/zsh RENAME _venn EXCLUDE_FROM_ALL
            DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
    endif()
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/vennConfig.cmake.in
    ${PROJECT_BINARY_DIR}/vennConfig.cmake INSTALL_DESTINATION ${VENN_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vennConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vennConfig.cmake ${PROJECT_BINARY_DIR}/vennConfigVersion.cmake
    DESTINATION ${VENN_CMAKE_DIR} COMPONENT dev)

# Folders relative to the .pc file, so that an installed tree may be moved.
file(RELATIVE_PATH VENN_PC_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" VENN_PC_PREFIX ${VENN_PC_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/venn.pc.in ${PROJECT_BINARY_DIR}/venn.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/venn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)

if(PROJECT_IS_TOP_LEVEL AND TARGET venn_program)
    include(VennPackage)
endif()

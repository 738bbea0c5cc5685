# The venn program: src/cli on the public headers of libvenn alone.
file(GLOB VENN_CLI_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/*.c)
if(VENN_CLI_SOURCES)
    add_executable(venn_program ${VENN_CLI_SOURCES})
    venn_compile_options(venn_program)
    set_target_properties(venn_program PROPERTIES OUTPUT_NAME venn
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
    if(BUILD_SHARED_LIBS)
        file(RELATIVE_PATH libdir ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
        set_target_properties(venn_program PROPERTIES INSTALL_RPATH "$ORIGIN/${libdir}")
    endif()
    target_include_directories(venn_program PRIVATE ${PROJECT_SOURCE_DIR}/src/cli)
    target_link_libraries(venn_program PRIVATE venn::venn PkgConfig::VENN_JANSSON)
endif()

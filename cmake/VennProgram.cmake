# The venn program: src/cli on the public headers of libvenn alone.
file(GLOB VENN_CLI_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/cli/*.c)
if(VENN_CLI_SOURCES)
    add_executable(venn_program ${VENN_CLI_SOURCES})
    set_target_properties(venn_program PROPERTIES OUTPUT_NAME venn)
    venn_compile_options(venn_program)
    target_include_directories(venn_program PRIVATE ${PROJECT_SOURCE_DIR}/src/cli)
    target_link_libraries(venn_program PRIVATE venn::venn PkgConfig::JANSSON)
endif()

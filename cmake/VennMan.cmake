# Manual pages, by scdoc from docs/man/*.scd, and what bash needs to complete venn's words, by venn itself.
find_program(SCDOC scdoc)
set(VENN_MAN_DIR ${PROJECT_BINARY_DIR}/man)
set(VENN_MAN_PAGES "")
if(SCDOC)
    file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.scd)
    foreach(page ${pages})
        cmake_path(GET page STEM LAST_ONLY name) # venn-op.1
        add_custom_command(OUTPUT ${VENN_MAN_DIR}/${name} DEPENDS ${page} VERBATIM
            COMMAND ${CMAKE_COMMAND} -E make_directory ${VENN_MAN_DIR}
            COMMAND sh -c "\"$1\" <\"$2\" >\"$3\"" sh ${SCDOC} ${page} ${VENN_MAN_DIR}/${name})
        list(APPEND VENN_MAN_PAGES ${VENN_MAN_DIR}/${name})
    endforeach()
    add_custom_target(venn_man ALL DEPENDS ${VENN_MAN_PAGES})
else()
    message(STATUS "no manual pages: install scdoc and configure again")
endif()

set(VENN_BASH_COMPLETION "")
if(NOT CMAKE_CROSSCOMPILING AND NOT VENN_SANITIZE)
    set(VENN_BASH_COMPLETION ${PROJECT_BINARY_DIR}/venn.bash)
    add_custom_command(TARGET venn_program POST_BUILD VERBATIM
        COMMAND sh -c "\"$1\" completion bash >\"$2\"" sh $<TARGET_FILE:venn_program> ${VENN_BASH_COMPLETION})
endif()

# Manual pages, by scdoc from docs/man/*.scd, and what shells need to complete venn's words, by venn itself.
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

set(VENN_COMPLETION_DIR "")
if(NOT CMAKE_CROSSCOMPILING AND NOT VENN_SANITIZE)
    set(VENN_COMPLETION_DIR ${PROJECT_BINARY_DIR}/completion) # files are named for shells
    file(MAKE_DIRECTORY ${VENN_COMPLETION_DIR})
    foreach(shell bash zsh fish)
        add_custom_command(TARGET venn_program POST_BUILD VERBATIM COMMAND sh -c "\"$1\" completion $2 >\"$3/$2\""
            sh $<TARGET_FILE:venn_program> ${shell} ${VENN_COMPLETION_DIR})
    endforeach()
endif()

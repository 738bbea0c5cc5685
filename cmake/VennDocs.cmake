# The API reference, by doxygen from the public headers: the target venn_docs, pages in docs/html of the build folder.
find_program(DOXYGEN doxygen)
if(DOXYGEN)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    configure_file(${PROJECT_SOURCE_DIR}/docs/Doxyfile.in ${PROJECT_BINARY_DIR}/Doxyfile @ONLY)
    add_custom_target(venn_docs COMMAND ${DOXYGEN} ${PROJECT_BINARY_DIR}/Doxyfile VERBATIM
        WORKING_DIRECTORY ${PROJECT_BINARY_DIR})
else()
    message(STATUS "no API reference: install doxygen and configure again")
endif()

# The version script of a shared libvenn: what the public headers declare, under a version that changes with
# the soname, and nothing else. tests/exports.sh holds the result against what a compiler makes of the headers.
set(VENN_EXPORT_MAP ${PROJECT_BINARY_DIR}/venn.map)
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/venn/*.h)
set(exports "")
foreach(header ${headers})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
    file(READ ${header} text)
    string(REGEX REPLACE "//[^\n]*" "" text "${text}")
    string(REGEX MATCHALL "venn_[a-z0-9_]+\\(" functions "${text}")
    string(REGEX MATCHALL "extern const [a-z_]+ venn_[a-z0-9_]+" constants "${text}")
    list(TRANSFORM functions REPLACE "\\(" "")
    list(TRANSFORM constants REPLACE ".* " "")
    list(APPEND exports ${functions} ${constants})
endforeach()
list(REMOVE_DUPLICATES exports)
list(SORT exports)
list(JOIN exports ";\n        " exports)
file(CONFIGURE OUTPUT ${VENN_EXPORT_MAP} @ONLY CONTENT
"VENN_@PROJECT_VERSION_MAJOR@.@PROJECT_VERSION_MINOR@ {
    global:
        @exports@;
    local: *;
};
")

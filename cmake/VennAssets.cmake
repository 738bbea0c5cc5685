# Compiles the files that an installed program must have (default data set, descriptions, example
# configs) into the library: build/assets/embedded_table.c, one .incbin per file, looked up by
# src/data/embedded.c under the path relative to assets/.
set(VENN_ASSET_DIR ${PROJECT_SOURCE_DIR}/assets)
set(VENN_EMBEDDED_TABLE ${PROJECT_BINARY_DIR}/assets/embedded_table.c)
file(GLOB VENN_ASSETS CONFIGURE_DEPENDS RELATIVE ${VENN_ASSET_DIR}
    ${VENN_ASSET_DIR}/*.css ${VENN_ASSET_DIR}/*.yaml ${VENN_ASSET_DIR}/configs/*.yaml ${VENN_ASSET_DIR}/methods/*.yaml ${VENN_ASSET_DIR}/networks/*.yaml
    ${VENN_ASSET_DIR}/digits/*)
list(SORT VENN_ASSETS)

set(assembly "")
set(declarations "")
set(rows "")
set(paths "")
foreach(name ${VENN_ASSETS})
    list(LENGTH paths number)
    list(APPEND paths ${VENN_ASSET_DIR}/${name})
    # A zero byte behind each file, so that text can be read as a string.
    set(symbol venn_asset_${number})
    string(APPEND assembly
        "__asm__(BEGIN \".balign 16\\n\"\n"
        "        \".globl ${symbol}, ${symbol}_end\\n\" HIDDEN(\"${symbol}, ${symbol}_end\")\n"
        "        \"${symbol}: .incbin \\\"${VENN_ASSET_DIR}/${name}\\\"\\n\"\n"
        "        \"${symbol}_end: .byte 0\\n\" END);\n")
    string(APPEND declarations
        "extern const unsigned char ${symbol}[], ${symbol}_end[];\n")
    string(APPEND rows "    {\"${name}\", ${symbol}, ${symbol}_end},\n")
endforeach()

file(CONFIGURE OUTPUT ${VENN_EMBEDDED_TABLE} CONTENT
"// Made by cmake/VennAssets.cmake.
#include \"data/embedded.h\"

${VENN_SECTIONS}
${declarations}
${assembly}
const venn_embedded_row venn_embedded_table[] = {
${rows}    {0, 0, 0}};
" @ONLY)
set_source_files_properties(${VENN_EMBEDDED_TABLE} PROPERTIES OBJECT_DEPENDS "${paths}")

# Shipped rows of the tuner (src/kernel/tuning.h): build/assets/tuned_table.c.
set(VENN_TUNED_TABLE ${PROJECT_BINARY_DIR}/assets/tuned_table.c)
file(GLOB tuned CONFIGURE_DEPENDS ${VENN_ASSET_DIR}/tuned/*.txt)
list(SORT tuned)
set(assembly "")
set(declarations "")
set(rows "")
foreach(path ${tuned})
    get_filename_component(driver ${path} NAME_WE)
    string(APPEND assembly
        "__asm__(BEGIN \".globl venn_tuned_${driver}\\n\" HIDDEN(\"venn_tuned_${driver}\")\n"
        "        \"venn_tuned_${driver}: .incbin \\\"${path}\\\"\\n.byte 0\\n\" END);\n")
    string(APPEND declarations "extern const char venn_tuned_${driver}[];\n")
    string(APPEND rows "    {\"${driver}\", venn_tuned_${driver}},\n")
endforeach()
file(CONFIGURE OUTPUT ${VENN_TUNED_TABLE} CONTENT
"// Made by cmake/VennAssets.cmake.
#include \"kernel/tuning.h\"

${VENN_SECTIONS}
${declarations}
${assembly}
const venn_shipped_text venn_shipped_texts[] = {
${rows}    {0, 0}};
" @ONLY)
set_source_files_properties(${VENN_TUNED_TABLE} PROPERTIES OBJECT_DEPENDS "${tuned}")

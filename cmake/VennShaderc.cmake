# libvenn_shaderc.so: libshaderc as one file that can be opened at run time, where the distribution's cannot:
# that of Debian 12 leaves glslang's symbols to the program that loads it (glslc has them). Linked from the
# archives of libshaderc-dev, glslang-dev and spirv-tools; without them venn looks for libshaderc.so.1 alone.
set(VENN_SHADERC_RUNTIME "")
if(VENN_SHADERC_INCLUDE_DIR)
    set(archives "")
    foreach(name shaderc_combined glslang SPIRV MachineIndependent GenericCodeGen OSDependent OGLCompiler
            SPIRV-Tools-opt SPIRV-Tools)
        find_library(VENN_ARCHIVE_${name} lib${name}.a)
        if(VENN_ARCHIVE_${name})
            list(APPEND archives ${VENN_ARCHIVE_${name}})
        endif()
    endforeach()
    set(VENN_SHADERC_MAP ${PROJECT_BINARY_DIR}/shaderc.map)
    file(CONFIGURE OUTPUT ${VENN_SHADERC_MAP} CONTENT "{ global: venn_shaderc_module; local: *; };\n")
    set(VENN_SHADERC_LINK LINKER:--version-script=${VENN_SHADERC_MAP} LINKER:-z,defs
        LINKER:--gc-sections LINKER:--strip-all)
    set(VENN_SHADERC_ARCHIVES -Wl,--start-group ${archives} -Wl,--end-group stdc++ m Threads::Threads)
    if(VENN_ARCHIVE_shaderc_combined)
        # Other versions need other archives: what does not link is not built.
        try_compile(VENN_SHADERC_LINKS ${PROJECT_BINARY_DIR}/shaderc
            ${PROJECT_SOURCE_DIR}/tools/shaderc_module.c
            CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/src
            COMPILE_DEFINITIONS -fPIC
            LINK_OPTIONS -shared ${VENN_SHADERC_LINK}
            LINK_LIBRARIES ${VENN_SHADERC_ARCHIVES})
    endif()
    if(VENN_SHADERC_LINKS)
        add_library(shaderc_module MODULE ${PROJECT_SOURCE_DIR}/tools/shaderc_module.c)
        target_include_directories(shaderc_module PRIVATE ${PROJECT_SOURCE_DIR}/src)
        target_link_options(shaderc_module PRIVATE ${VENN_SHADERC_LINK})
        target_link_libraries(shaderc_module PRIVATE ${VENN_SHADERC_ARCHIVES})
        set_target_properties(shaderc_module PROPERTIES OUTPUT_NAME venn_shaderc NO_SONAME ON
            LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
        set(VENN_SHADERC_RUNTIME shaderc_module)
    endif()
endif()

# It is nobody's to link to, so it is installed in a folder of venn's own. The program and a shared libvenn look for it
# by run path; programs with a static libvenn in them, below this prefix and where the Debian packages have it.
set(VENN_MODULE_DIR ${CMAKE_INSTALL_LIBDIR}/venn)
set(places ${CMAKE_INSTALL_PREFIX} /usr)
list(TRANSFORM places REPLACE "(.+)" "\"\\1/${VENN_MODULE_DIR}/libvenn_shaderc.so\"")
list(JOIN places "," places)
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/kernel/glsl.c PROPERTIES
    COMPILE_DEFINITIONS "VENN_SHADERC_PLACES=${places}")
function(venn_find_shaderc target install_path)
    if(VENN_SHADERC_RUNTIME)
        add_dependencies(${target} ${VENN_SHADERC_RUNTIME})
        set_property(TARGET ${target} APPEND PROPERTY BUILD_RPATH ${PROJECT_BINARY_DIR})
        set_property(TARGET ${target} APPEND PROPERTY INSTALL_RPATH ${install_path})
    endif()
endfunction()

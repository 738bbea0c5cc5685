# libvenn: every folder of src but cli. Sources are listed by the folders themselves.
set(VENN_LAYERS base vk kernel graph ops nn optim data io train distill mfh bench)
set(VENN_SOURCES "")
foreach(layer ${VENN_LAYERS})
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${layer}/*.c)
    list(APPEND VENN_SOURCES ${sources})
endforeach()

# The messages of event files, as C.
set(VENN_PROTO_DIR ${PROJECT_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${VENN_PROTO_DIR})
add_custom_command(OUTPUT ${VENN_PROTO_DIR}/venn_event.pb-c.c ${VENN_PROTO_DIR}/venn_event.pb-c.h VERBATIM
    COMMAND ${PROTOC_C} --c_out=${VENN_PROTO_DIR} -I ${PROJECT_SOURCE_DIR}/src/io venn_event.proto
    DEPENDS ${PROJECT_SOURCE_DIR}/src/io/venn_event.proto)
set_source_files_properties(${VENN_PROTO_DIR}/venn_event.pb-c.c PROPERTIES COMPILE_OPTIONS -w)

add_library(venn ${VENN_SOURCES} ${VENN_PROTO_DIR}/venn_event.pb-c.c
    ${VENN_SPIRV_DIR}/spirv_table.c ${VENN_SPIRV_DIR}/source_table.c
    ${VENN_EMBEDDED_TABLE} ${VENN_TUNED_TABLE})
add_library(venn::venn ALIAS venn)
venn_compile_options(venn)
target_include_directories(venn
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/shaders ${PROJECT_SOURCE_DIR}/shaders/ops
            ${PROJECT_SOURCE_DIR}/shaders/lib ${VENN_SPIRV_DIR})
# Third-party headers are not held to our warnings.
target_include_directories(venn SYSTEM PRIVATE ${VENN_PROTO_DIR} ${VENN_VOLK_DIR} ${VENN_VOLK_INCLUDE_DIR}
    ${VENN_VULKAN_INCLUDE_DIR} ${VENN_STB_INCLUDE_DIR} ${VENN_RANDOM123_INCLUDE_DIR})
target_compile_definitions(venn PRIVATE VOLK_VULKAN_H_PATH="volk_vulkan.h")
target_link_libraries(venn PRIVATE m Threads::Threads ${CMAKE_DL_LIBS} ZLIB::ZLIB
    ${VENN_PKG_TARGETS} ${VENN_NIFTI_LIBRARIES})
if(BUILD_SHARED_LIBS)
    venn_find_shaderc(venn "$ORIGIN/venn")
endif()
if(VENN_SHADERC_INCLUDE_DIR)
    target_include_directories(venn SYSTEM PRIVATE ${VENN_SHADERC_INCLUDE_DIR})
    target_compile_definitions(venn PRIVATE VENN_HAS_SHADERC)
endif()
foreach(extension KHR NV)
    if(VENN_HAS_COOP_${extension})
        target_compile_definitions(venn PRIVATE VENN_HAS_COOP_${extension})
    endif()
endforeach()
if(VENN_NIFTI_LIBRARIES)
    target_include_directories(venn SYSTEM PRIVATE ${VENN_NIFTI_INCLUDE_DIR})
    target_compile_definitions(venn PRIVATE VENN_HAS_NIFTI)
endif()
if(VENN_HDF5_TARGET)
    target_compile_definitions(venn PRIVATE VENN_HAS_HDF5)
endif()

# Until 1.0 every minor version may change the binary interface, so it is part of the soname.
set_target_properties(venn PROPERTIES VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(BUILD_SHARED_LIBS)
    include(VennExports)
    target_link_options(venn PRIVATE LINKER:--version-script=${VENN_EXPORT_MAP} LINKER:--no-undefined)
    set_target_properties(venn PROPERTIES LINK_DEPENDS ${VENN_EXPORT_MAP})
endif()

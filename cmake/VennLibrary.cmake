# libvenn: every folder of src but cli. Sources are listed by the folders themselves.
file(GLOB VENN_SOURCES CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/src/base/*.c ${PROJECT_SOURCE_DIR}/src/vk/*.c
    ${PROJECT_SOURCE_DIR}/src/kernel/*.c ${PROJECT_SOURCE_DIR}/src/graph/*.c
    ${PROJECT_SOURCE_DIR}/src/ops/*.c ${PROJECT_SOURCE_DIR}/src/nn/*.c
    ${PROJECT_SOURCE_DIR}/src/optim/*.c ${PROJECT_SOURCE_DIR}/src/data/*.c
    ${PROJECT_SOURCE_DIR}/src/distill/*.c ${PROJECT_SOURCE_DIR}/src/train/*.c
    ${PROJECT_SOURCE_DIR}/src/io/*.c ${PROJECT_SOURCE_DIR}/src/bench/*.c)

add_library(venn ${VENN_SOURCES} ${VENN_SPIRV_DIR}/spirv_table.c)
add_library(venn::venn ALIAS venn)
venn_compile_options(venn)
target_include_directories(venn
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/shaders/ops
            ${PROJECT_SOURCE_DIR}/shaders/lib ${VENN_SPIRV_DIR})
# Third-party headers are not held to our warnings.
target_include_directories(venn SYSTEM PRIVATE ${VOLK_INCLUDE_DIR} ${Vulkan_INCLUDE_DIRS}
    ${STB_INCLUDE_DIR} ${RANDOM123_INCLUDE_DIR})
target_link_libraries(venn PRIVATE m Threads::Threads ${CMAKE_DL_LIBS} ZLIB::ZLIB
    PkgConfig::XXHASH PkgConfig::SNDFILE PkgConfig::KISSFFT PkgConfig::CYAML PkgConfig::JANSSON)

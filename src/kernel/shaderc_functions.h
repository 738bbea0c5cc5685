// What is called of libshaderc.
#ifndef VENN_KERNEL_SHADERC_FUNCTIONS_H
#define VENN_KERNEL_SHADERC_FUNCTIONS_H

#include <shaderc/shaderc.h>

#define VENN_SHADERC_FUNCTIONS(X)                                                                  \
    X(compiler_initialize)                                                                         \
    X(compiler_release)                                                                            \
    X(compile_options_initialize)                                                                  \
    X(compile_options_release)                                                                     \
    X(compile_options_set_optimization_level)                                                      \
    X(compile_options_set_target_env)                                                              \
    X(compile_options_set_forced_version_profile)                                                  \
    X(compile_options_set_include_callbacks)                                                       \
    X(compile_into_spv)                                                                            \
    X(result_get_compilation_status)                                                               \
    X(result_get_error_message)                                                                    \
    X(result_get_bytes)                                                                            \
    X(result_get_length)                                                                           \
    X(result_release)

typedef struct venn_shaderc {
#define X(name) __typeof__(shaderc_##name) *name;
    VENN_SHADERC_FUNCTIONS(X)
#undef X
} venn_shaderc;

// The one symbol of libvenn_shaderc.so: archives of libshaderc hide their own.
extern const venn_shaderc venn_shaderc_module;

#endif

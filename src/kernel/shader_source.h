// The text of shaders that kernels made at run time include (made by cmake/VennShaders.cmake).
#ifndef VENN_KERNEL_SHADER_SOURCE_H
#define VENN_KERNEL_SHADER_SOURCE_H

typedef struct venn_shader_source {
    const char *name; // "exp.comp"; NULL ends the table
    const char *text;
} venn_shader_source;

extern const venn_shader_source venn_shader_sources[];

#endif

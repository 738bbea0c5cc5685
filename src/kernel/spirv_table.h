// The SPIR-V of every kernel, compiled into the library (made by cmake/VennShaders.cmake).
#ifndef VENN_KERNEL_SPIRV_TABLE_H
#define VENN_KERNEL_SPIRV_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct venn_spirv {
    const char *name; // "<shader stem>.<variant>"; NULL ends the table
    const uint32_t *code;
    size_t size; // bytes
} venn_spirv;

extern const venn_spirv venn_spirv_table[];

#endif

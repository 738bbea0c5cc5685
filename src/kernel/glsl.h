// GLSL to SPIR-V at run time, by libshaderc, which is loaded when it is first needed; and the files that keep
// what came out.
#ifndef VENN_KERNEL_GLSL_H
#define VENN_KERNEL_GLSL_H

#include <stdbool.h>

#include "base/hash.h"
#include "kernel/kernel.h"
#include "kernel/spirv_table.h"

// Whether there is a compiler: the library was built with its header, it is installed, and VENN_SHADERC, its
// file, is not "none".
bool venn_glsl_usable(void);
// *code is malloc'd. VENN_UNSUPPORTED, with the compiler's words, for text that it refuses or without one.
venn_status venn_glsl_compile(const char *name, const char *text, uint32_t **code, size_t *size);
// Of the text and of all that it may include.
venn_hash venn_glsl_hash(const char *text);

// The file of a kernel: HASH.spv in the folder VENN_KERNEL_CACHE ("none": nowhere), or else kernels in the cache
// folder. What cannot be read, or is not what was written, is named in the log (warning) and is as good as
// missing: false.
bool venn_glsl_recall(venn_hash hash, uint32_t **code, size_t *size);
// A file that cannot be written is named in the log (info).
void venn_glsl_keep(venn_hash hash, const uint32_t *code, size_t size);

// The kernels of a device that were made so.
typedef struct venn_made_kernel {
    struct venn_made_kernel *next;
    char name[VENN_KERNEL_TEXT];
    venn_spirv spirv;
    uint32_t *code;
} venn_made_kernel;

// Recalls the kernel, or compiles and keeps it; the caller frees it with venn_made_kernel_free.
venn_status venn_made_kernel_make(venn_made_kernel **out, const char *name, const char *text,
                                  venn_hash hash);
void venn_made_kernel_free(venn_made_kernel *made);

#endif

// A kernel's code with its specialization constants settled, and without what they rule out. Drivers can do
// that as well, but SwiftShader compiles the whole first: its pipelines are made up to 20 times faster so.
#ifndef VENN_KERNEL_SPIRV_FOLD_H
#define VENN_KERNEL_SPIRV_FOLD_H

#include "kernel/kernel.h"
#include "kernel/spirv_table.h"

// *code (the caller frees it) and *size are the code for this key: constants that it does not set have
// their defaults. *code is NULL for code that uses its constants in ways not known here; that one is to
// be specialized by the driver.
venn_status venn_spirv_fold(const venn_spirv *spirv, const venn_kernel_key *key, uint32_t **code,
                            size_t *size);
// Takes back what shaders ask for, that loops be unrolled.
void venn_spirv_keep_loops(uint32_t *code, size_t size);

#endif

// Device variables to and from named arrays.
#ifndef VENN_TRAIN_WEIGHTS_H
#define VENN_TRAIN_WEIGHTS_H

#include "base/status.h"
#include "venn/io.h"
#include "venn/tensor.h"

// Reads n variables into arrays[0..n), whose data are malloc'd; venn_weights_free frees them and the array
// itself, after a failure too (arrays must be zeroed before).
venn_status venn_weights_read(venn_var *const *vars, size_t n, venn_named_array *arrays);
void venn_weights_free(venn_named_array *arrays, size_t n);
// Writes the array `name`; VENN_BAD_FILE (naming path and array) if it is missing or differs.
venn_status venn_weights_write_var(const char *path, const venn_safetensors *file, const char *name,
                                   venn_var *var);
// The array `name` if it has that type and shape, else VENN_BAD_FILE.
venn_status venn_weights_find(const char *path, const venn_safetensors *file, const char *name,
                              venn_dtype dtype, const venn_shape *shape,
                              const venn_named_array **out);

#endif

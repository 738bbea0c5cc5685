// venn/io.h: files that training leaves behind. Weights are safetensors, so that every framework's
// tools read them.
#ifndef VENN_IO_H
#define VENN_IO_H

#include "venn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- safetensors -----------------------------------------------------------------------------

// One named array. In files that are read, name and data belong to the venn_safetensors.
typedef struct venn_named_array {
    const char *name;
    venn_dtype dtype; // written and read as F32, F16, BF16, I32, U8
    venn_shape shape;
    const void *data; // dense, row-major
} venn_named_array;

// Text that goes with the arrays ("__metadata__" in the file).
typedef struct venn_metadata {
    const char *key, *value;
} venn_metadata;

// Writes the arrays in the order given, replacing `path` so that a crash or a full disk leaves the
// former file whole. Names must differ. VENN_BAD_FILE (with the reason) if it cannot be written.
venn_status venn_safetensors_write(const char *path, const venn_named_array *arrays, size_t n,
                                   const venn_metadata *metadata, size_t n_metadata);

typedef struct venn_safetensors venn_safetensors;

// Reads and checks a whole file: the header's size (at most 100 MB), its JSON, every offset against
// the file's size, no holes, overlaps or duplicates. VENN_BAD_FILE names the file and what is wrong.
// Types other than those above are refused.
venn_status venn_safetensors_read(venn_safetensors **out, const char *path);
void venn_safetensors_destroy(venn_safetensors **file);
size_t venn_safetensors_count(const venn_safetensors *file);
const venn_named_array *venn_safetensors_at(const venn_safetensors *file, size_t index);
// NULL if there is none.
const venn_named_array *venn_safetensors_find(const venn_safetensors *file, const char *name);
const char *venn_safetensors_metadata(const venn_safetensors *file, const char *key);

#ifdef __cplusplus
}
#endif
#endif

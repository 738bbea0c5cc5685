// Arrays in HDF5 files, whole or item by item, so that a file of gigabytes need not lie in memory.
#ifndef VENN_DATA_HDF5_H
#define VENN_DATA_HDF5_H

#include "venn/data.h"

typedef struct venn_hdf5 venn_hdf5;

// Whether the file at `path` is HDF5, with or without a block of the user's before it (as MATLAB 7.3 has).
bool venn_hdf5_is(const char *path);

// "FILE:NAME" cut in two, malloc'd. VENN_BAD_FILE if there is no NAME.
venn_status venn_array_name_cut(const char *path, char **file, char **name);

// Opens the array `name` (with / between groups). What it says of itself is held against the file's size first.
// VENN_UNSUPPORTED in a venn that was built without HDF5.
venn_status venn_hdf5_open(venn_hdf5 **out, const char *file, const char *name);
void venn_hdf5_close(venn_hdf5 **handle);

// The array without its elements: name "FILE:NAME", type and shape; data is NULL.
const venn_array *venn_hdf5_head(const venn_hdf5 *h);
// out = items first .. first + n - 1 along the first axis, of the head's type.
venn_status venn_hdf5_items(venn_hdf5 *h, int64_t first, int64_t n, void *out);

#endif

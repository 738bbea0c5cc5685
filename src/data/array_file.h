// The parsers behind the public readers, on bytes in memory. `name` is the file, for messages.
#ifndef VENN_DATA_ARRAY_FILE_H
#define VENN_DATA_ARRAY_FILE_H

#include "venn/data.h"

venn_status venn_idx_parse(venn_array **out, const char *name, const uint8_t *data, size_t size);
venn_status venn_npy_parse(venn_array **out, const char *name, const uint8_t *data, size_t size);
// Either, by content.
venn_status venn_array_parse(venn_array **out, const char *name, const uint8_t *data, size_t size);

// "FILE:NAME": an array of an HDF5 or MATLAB file.
venn_status venn_named_array_read(venn_array **out, const char *path);

#endif

// MATLAB's files up to version 7 (MAT level 5): arrays of numbers by name. Later ones are HDF5.
#ifndef VENN_DATA_MAT5_H
#define VENN_DATA_MAT5_H

#include "venn/data.h"

bool venn_mat5_is(const uint8_t *data, size_t size);

// The array `name` of a file in memory, whose path is `file`. Its axes are in the reverse of MATLAB's order, as HDF5 has
// them, so that the last is the densest. VENN_BAD_FILE names what the file holds if it lacks the array.
venn_status venn_mat5_parse(venn_array **out, const char *file, const uint8_t *data, size_t size,
                            const char *name);

#endif

// Lines of text as counts of their n-grams: what a linear network needs to read names.
#ifndef VENN_DATA_GRAMS_H
#define VENN_DATA_GRAMS_H

#include "venn/data.h"

// A table of text: a line per item, columns apart by tabs, no header.
typedef struct venn_grams_params {
    int32_t column;            // from 0
    int32_t shortest, longest; // n of the n-grams, in characters; 0: 1 and 3
} venn_grams_params;

// *out = f32 [lines, width]. A line's cell, with a space put before and behind it and A-Z made small, gives
// its n-grams, UTF-8 characters whole; each is counted at its hash mod width, and the counts are divided by
// the root of the sum of their squares. VENN_BAD_FILE names the line that lacks the column.
venn_status venn_grams_read(venn_array **out, const char *path, const venn_grams_params *params,
                            int64_t width);
venn_status venn_grams_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             const venn_grams_params *params, int64_t width);

#endif

// Pictures in memory, cut into tiles; and the checks that stb_image leaves out.
#ifndef VENN_DATA_SHEET_H
#define VENN_DATA_SHEET_H

#include "venn/data.h"

venn_status venn_sheet_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             const venn_sheet_params *params);

// VENN_OK if the bytes are a PNG of at most 8 bits per channel whose chunks are all there with good
// checksums, or a JPEG whose segments are all there, up to the end marker, with sound
// tables: stb_image itself reads a truncated tail as zeros and trusts the tables.
venn_status venn_picture_check(const char *name, const uint8_t *data, size_t size);

#endif

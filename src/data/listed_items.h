// Items that are files of their own, or slices of them, named in a column of a CSV index: recordings, arrays, pictures,
// volumes.
#ifndef VENN_DATA_LISTED_ITEMS_H
#define VENN_DATA_LISTED_ITEMS_H

#include "data/source.h"

// Fills out, f32 [count, shape...] of the modality: item i is the file of row origin[i] of the listing's rows,
// times the description's scale. VENN_BAD_FILE and VENN_BAD_SHAPE name the file.
venn_status venn_listed_items_read(venn_array *out, const uint32_t *origin,
                                   const venn_sources *sources, const venn_listing *listing,
                                   const venn_modality_text *text, const venn_part *part);

#endif

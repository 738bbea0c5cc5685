// The items of one modality in one split: read, or computed, as f32; each once.
#ifndef VENN_DATA_ITEMS_H
#define VENN_DATA_ITEMS_H

#include "data/source.h"

// *origin gets the source's item of each item held ([items], malloc'd). Values are multiplied by
// the description's scale. Messages name the file that is wrong.
venn_status venn_items_read(venn_items *out, uint32_t **origin, const venn_sources *sources,
                            const venn_listing *listing, const venn_modality_text *text,
                            const venn_part *part);
// out [size] = scale times the array's elements from `at` on. VENN_BAD_FILE, with the item's number, if one is
// not finite.
venn_status venn_array_floats(const venn_array *array, size_t at, size_t size, double scale,
                              float *out);
void venn_items_finish(venn_items *items);

// A modality's items of all splits after they were read: weaken, normalise, noise. origin[s] as
// above. Fills in what *info says of it.
venn_status venn_items_prepare(venn_modality *info, venn_items items[VENN_SPLITS],
                               uint32_t *const origin[VENN_SPLITS], const venn_modality_text *text);

#endif

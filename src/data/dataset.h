// What the two ways of making a data set share.
#ifndef VENN_DATA_DATASET_H
#define VENN_DATA_DATASET_H

#include "data/description.h"
#include "venn/data.h"

enum { VENN_MODALITIES_MAX = 64 };

// *index = where `name` stands in names; VENN_BAD_ARG, listing them, if it does not.
venn_status venn_find_name(const char *what, const char *name, const char *const *names,
                           int32_t count, int32_t *index);
// Allocates a split's labels and its (empty) items.
venn_status venn_split_allocate(venn_dataset *dataset, venn_split_id id, int64_t n);
// Sets dataset->hash from its content.
void venn_dataset_hash(venn_dataset *dataset);
// venn_dataset_load from a description that has been read, which this finishes in any case.
venn_status venn_dataset_load_described(venn_dataset **out, venn_description_file *file,
                                        const venn_dataset_params *params);

#endif

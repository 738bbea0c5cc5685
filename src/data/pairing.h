// Which pairs of a split to keep: a validation part taken out of train, and limits.
#ifndef VENN_DATA_PAIRING_H
#define VENN_DATA_PAIRING_H

#include "venn/base.h"

// Ascending numbers of pairs.
typedef struct venn_choice {
    uint32_t *pair; // [count], malloc'd
    size_t count;
} venn_choice;

// Divides n pairs: round(fraction n) of them go to *valid, drawn by Philox(seed); of each class
// separately where `stratified`. VENN_BAD_FILE if one side is left empty.
venn_status venn_choose_valid(const int32_t *labels, size_t n, int32_t class_count, double fraction,
                              uint64_t seed, bool stratified, venn_choice *train,
                              venn_choice *valid);

// `limit` of n pairs, drawn by Philox(seed, stream); all of them if there are no more.
venn_status venn_choose_limit(size_t n, size_t limit, uint64_t seed, uint32_t stream,
                              venn_choice *out);

void venn_choice_finish(venn_choice *choice);

#endif

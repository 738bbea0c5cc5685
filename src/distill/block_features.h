// Which layer of a network gives the features that relations among samples are taken from.
#ifndef VENN_DISTILL_BLOCK_FEATURES_H
#define VENN_DISTILL_BLOCK_FEATURES_H

#include "venn/distill.h"

// The layer before the last, a block counting as one; NULL if there is none.
const char *venn_block_features(const venn_net *net);

#endif

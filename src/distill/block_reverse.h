// Networks that go the way back: from an encoder's features to the same features again, through less than it
// takes to hold them, with another encoder's help.
#ifndef VENN_DISTILL_BLOCK_REVERSE_H
#define VENN_DISTILL_BLOCK_REVERSE_H

#include "venn/distill_method.h"

enum { REVERSE_LEVELS = 4, REVERSE_NAME = 32 };

// Features [C, H, W] at each level of an encoder, from the finest on: each half as high and wide as the one
// before it.
typedef struct reverse_levels {
    size_t n;
    venn_shape shape[REVERSE_LEVELS];
} reverse_levels;

typedef struct reverse_nets {
    venn_net *filter;     // other's features -> this one's, by way of narrow maps; NULL: none
    venn_net *amplifier;  // the same at once; NULL: none
    venn_net *bottleneck; // all levels (with what the filter gives) -> one map
    venn_net *decoder;    // that -> the levels, coarsest first
    char stage[REVERSE_LEVELS][REVERSE_NAME];  // the decoder's places that give them
    char branch[REVERSE_LEVELS][REVERSE_NAME]; // of filter and amplifier
} reverse_nets;

// VENN_BAD_ARG, naming the place, if the levels are not as above or the last one has odd extents.
venn_status venn_reverse_levels(const venn_net *net, size_t n, const char *const *places,
                                reverse_levels *out);
// Creates the networks, named "<name>-filter" and so on; blocks: residual ones per stage of the decoder.
// other NULL: without filter and amplifier, which are made as far as they are wanted.
venn_status venn_reverse_create(venn_job *job, const char *name, const reverse_levels *own,
                                const reverse_levels *other, bool filter, bool amplifier,
                                int blocks, reverse_nets *out);
// Applies filter or amplifier to the other's features x [levels]; y gets its results.
void venn_reverse_translate(venn_step *s, const reverse_nets *nets, const venn_net *net, size_t n,
                            const venn_tensor *x, venn_tensor *y);

#endif

// What pixel_shuffle and pixel_unshuffle share: how r r channels of small planes are blocks of r x r pixels
// of one large plane.
#ifndef VENN_OPS_PIXEL_BLOCKS_H
#define VENN_OPS_PIXEL_BLOCKS_H

#include "graph/op.h"
#include "venn/ops.h"

typedef struct venn_pixel_blocks {
    int64_t batch, channels, height, width; // of the small planes; channels: of the large ones
    int64_t factor;
} venn_pixel_blocks;

extern const venn_param_def venn_pixel_params[];

// Checks that x is [B, C, H, W] and returns the factor; 0 after an error.
int64_t venn_pixel_factor(venn_node *n);
// The element of [B, C, r H, r W] that is element `at` of [B, C r r, H, W].
int64_t venn_pixel_of(const venn_pixel_blocks *p, int64_t at);
void venn_pixel_cost(const venn_node *n, venn_cost *cost);

#endif

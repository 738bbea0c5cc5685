// Rearranging for conv2d: channels last, in whole groups of four ("quads"), so that one load brings four
// channels of a pixel (conv2d_pack.comp). Sizes are of one group of channels.
#ifndef VENN_OPS_CONV2D_PACK_H
#define VENN_OPS_CONV2D_PACK_H

#include "graph/op.h"

static inline int64_t venn_conv_quads(int64_t channels)
{
    return (channels + 3) / 4;
}

typedef struct venn_conv_image {
    int64_t images, groups, channels, plane;
} venn_conv_image;

// Floats of the packed image: [images, plane, groups, quads, 4].
int64_t venn_conv_image_floats(const venn_conv_image *s);
void venn_conv_pack_image(venn_recorder *r, const venn_conv_image *s, const venn_value *x,
                          const venn_value *y);

// w[group, row, channel, tap] with these steps between groups, rows and channels.
typedef struct venn_conv_weights {
    int64_t groups, rows, channels, taps;
    int64_t group_step, row_step, channel_step;
} venn_conv_weights;

// Floats of packed weights: [groups, rows, taps, quads, 4].
int64_t venn_conv_weight_floats(const venn_conv_weights *s);
// Writes them `start` floats into y.
void venn_conv_pack_weights(venn_recorder *r, const venn_conv_weights *s, const venn_value *w,
                            const venn_value *y, int64_t start);
// dw = the sum of `parts` packed gradients that lie `stride` floats apart, from `start` in x on; dw is
// dense: the steps are not used.
void venn_conv_unpack_gradient(venn_recorder *r, const venn_conv_weights *s, const venn_value *x,
                               int64_t start, int64_t stride, uint32_t parts, const venn_value *dw);

#endif

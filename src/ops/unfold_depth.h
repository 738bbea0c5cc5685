// Volumes as stacks of images and back: what a convolution's kernel sees of the slices becomes channels,
// so that convolutions of three dimensions are those of two.
#ifndef VENN_OPS_UNFOLD_DEPTH_H
#define VENN_OPS_UNFOLD_DEPTH_H

#include "ops/conv_nd.h"

typedef struct venn_unfold_depth {
    int64_t batch, channels, depth, out_depth, height, width;
    int64_t kernel, stride, pad, dilation;
} venn_unfold_depth;

// x [batch, channels, depth, height, width] -> y [batch * out_depth, channels * kernel, height, width] with
// y[b o, c t, ..] = x[b, c, o stride - pad + t dilation, ..], 0 outside. dx = fold of dy.
venn_tensor venn_depth_unfold(venn_graph *g, venn_tensor x, const venn_unfold_depth *p);
// The transpose: each element of x is the sum of its copies in y. dy = unfold of dx.
venn_tensor venn_depth_fold(venn_graph *g, venn_tensor y, const venn_unfold_depth *p);

// Of a convolution: the volume that it goes from (to, if transposed), of all groups.
venn_unfold_depth venn_unfold_depth_of(const venn_conv_nd *o);
// w [a, b, kd, kh, kw] -> [a, b kd, kh, kw].
venn_tensor venn_depth_weights(venn_graph *g, venn_tensor w);

#endif

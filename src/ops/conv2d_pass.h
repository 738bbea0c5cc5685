// The three passes of a convolution (y, dx, dw): as launches (which kernels, how tiled, with what copies
// before and sums after) and as nodes. conv_nd.h holds what convolution means; here is how two
// dimensions of it are computed.
#ifndef VENN_OPS_CONV2D_PASS_H
#define VENN_OPS_CONV2D_PASS_H

#include "ops/conv_nd.h"

typedef enum venn_conv_pass { VENN_CONV_FORWARD, VENN_CONV_DATA, VENN_CONV_WEIGHT } venn_conv_pass;

// Everything about a convolution's shapes. [0] height, [1] width.
typedef struct venn_conv {
    int64_t batch, groups, c, k; // channels of one group
    int64_t in[2], out[2], kernel[2], stride[2], pad[2], dilation[2];
    // The weight gradient's node has a second output: the sum of dy over all but channels.
    bool sums_dy;
} venn_conv;

static inline int64_t venn_conv_plane(const int64_t size[2])
{
    return size[0] * size[1];
}

// The same without depth, which must be of extent 1.
venn_conv venn_conv_flat(const venn_conv_nd *o);
void venn_conv_pass_cost(const venn_conv *o, venn_cost *cost);

// Scratch bytes of a pass.
uint64_t venn_conv_workspace(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass);
// Computes n's output 0. in: weights and x; weights and dy (data); dy and x (weight). bias may be NULL.
void venn_conv2d_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                        venn_conv_pass pass, const venn_value *const in[2], const venn_value *bias,
                        int act);
// Whether the weight gradient can have sums_dy.
bool venn_conv_can_sum_dy(const venn_profile *profile, const venn_conv *o);
// op->rounding of an op whose outputs are those of `pass`.
double venn_conv_rounding(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass,
                          bool is_gradient);
// Appends a pass as a node, without bias and activation; a and b are `in` above.
venn_tensor venn_conv_pass_apply(venn_graph *g, const venn_conv *o, venn_conv_pass pass,
                                 venn_tensor a, venn_tensor b);

#endif

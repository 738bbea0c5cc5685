// What convolutions of one, two and three dimensions, and the transposed ones, share: geometry, shape
// rule, cost and reference. Three axes always, depth, height, width; those that an op lacks are of
// extent 1 and come first.
#ifndef VENN_OPS_CONV_ND_H
#define VENN_OPS_CONV_ND_H

#include "graph/op.h"
#include "venn/ops.h"

#define VENN_CONV_AXES 3

// An op's params, in one form. Zeros are defaults. Pointers are to `rank` numbers each.
typedef struct venn_conv_fields {
    int rank;
    const int32_t *stride, *pad, *dilation;
    const int32_t *output_pad; // NULL but for transposed ones
    int32_t groups;
    venn_activation act;
} venn_conv_fields;

// A convolution from `in` to `out`; a transposed one goes from `out` to `in`.
typedef struct venn_conv_nd {
    int64_t batch, groups, c, k; // channels of one group
    int64_t in[VENN_CONV_AXES], out[VENN_CONV_AXES], kernel[VENN_CONV_AXES];
    int64_t stride[VENN_CONV_AXES], pad[VENN_CONV_AXES], dilation[VENN_CONV_AXES];
    bool transposed;
} venn_conv_nd;

// The geometry of a node with inputs x, w and perhaps a bias whose shapes are right.
venn_conv_nd venn_conv_nd_of(const venn_node *n, venn_conv_fields f);
// Checks inputs and params and declares output 0; false after an error.
bool venn_conv_nd_shape(venn_node *n, venn_conv_fields f);
void venn_conv_nd_cost(const venn_node *n, venn_conv_fields f, venn_cost *cost);
void venn_conv_nd_ref(const venn_ref *r, venn_conv_fields f);
void venn_conv_nd_ref_grad(const venn_ref *r, venn_conv_fields f);

static inline int64_t venn_conv_volume(const int64_t extent[VENN_CONV_AXES])
{
    return extent[0] * extent[1] * extent[2];
}

// The functions of a descriptor, from `venn_conv_fields fields(const venn_node *)`.
#define VENN_CONV_ND_OP(fields)                                                                    \
    static bool shape(venn_node *n)                                                                \
    {                                                                                              \
        return venn_conv_nd_shape(n, fields(n));                                                   \
    }                                                                                              \
    static void cost(const venn_node *n, venn_cost *cost)                                          \
    {                                                                                              \
        venn_conv_nd_cost(n, fields(n), cost);                                                     \
    }                                                                                              \
    static void ref(const venn_ref *r)                                                             \
    {                                                                                              \
        venn_conv_nd_ref(r, fields(r->node));                                                      \
    }                                                                                              \
    static void ref_grad(const venn_ref *r)                                                        \
    {                                                                                              \
        venn_conv_nd_ref_grad(r, fields(r->node));                                                 \
    }

#endif

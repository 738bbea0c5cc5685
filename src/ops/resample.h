// Front end of the ops that make planes of another size, each axis by itself: resizing, pooling to a
// given size, padding (shaders/lib/resample.glsl has the rules). They are composites of one or two
// nodes of this kind and share a reference that weighs positions in pairs.
#ifndef VENN_OPS_RESAMPLE_H
#define VENN_OPS_RESAMPLE_H

#include "graph/op.h"

typedef enum venn_resample_kind { // as in resample.glsl
    VENN_RESAMPLE_NEAREST,
    VENN_RESAMPLE_LINEAR,
    VENN_RESAMPLE_CORNERS,
    VENN_RESAMPLE_AREA,
    VENN_RESAMPLE_ZERO,
    VENN_RESAMPLE_REFLECT,
    VENN_RESAMPLE_REPLICATE,
    VENN_RESAMPLE_SYMMETRIC
} venn_resample_kind;

// x [B, C, x[0], x[1]] becomes y [B, C, y[0], y[1]]; before: what padding adds ahead of x.
typedef struct venn_resample {
    venn_resample_kind kind;
    int64_t outer[2]; // B, C
    int64_t x[2], y[2], before[2];
} venn_resample;

// A map of n's x to `size` (0: as x), with no padding.
venn_resample venn_resample_to(const venn_node *n, venn_resample_kind kind, const int32_t size[2]);
// Checks x, and that `size` is not negative; false after an error.
bool venn_resample_check(venn_node *n, const int32_t size[2]);

// Declares output 0; false after an error if the sizes are beyond what 32 bits hold.
bool venn_resample_shape(venn_node *n, venn_resample p);
// Appends nodes that compute y: one, or one per axis where sums are long.
venn_tensor venn_resample_apply(venn_graph *g, venn_tensor x, venn_resample p);
void venn_resample_cost(venn_resample p, venn_cost *cost);
// Makes `p` of one part, or, where sums along both axes are long, of two: axis `first`, then the other.
// Returns how many.
int venn_resample_split(venn_resample p, int first, venn_resample part[2]);
// Launches "<stem>.forward" or "<stem>.backward", a kernel on resample.glsl, over n's inputs and outputs;
// n's params are a venn_resample.
void venn_resample_launch(venn_recorder *r, const venn_node *n, const char *stem, bool backward);
// References of a composite whose input 0 is x.
void venn_resample_ref(const venn_ref *r, venn_resample p);
void venn_resample_ref_grad(const venn_ref *r, venn_resample p);
// Where position p of an axis of n, or beyond its ends, is found; itself where zeros surround the axis.
int64_t venn_resample_border(venn_resample_kind kind, int64_t p, int64_t n);

// The functions of a descriptor, from `bool check(venn_node *)` of the operands and params and
// `venn_resample map_of(const venn_node *)` of a node that passed it.
#define VENN_RESAMPLE_OP(check, map_of)                                                            \
    static bool shape(venn_node *n)                                                                \
    {                                                                                              \
        return check(n) && venn_resample_shape(n, map_of(n));                                      \
    }                                                                                              \
    static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)  \
    {                                                                                              \
        out[0] = venn_resample_apply(g, in[0], map_of(n));                                         \
        return true;                                                                               \
    }                                                                                              \
    static void cost(const venn_node *n, venn_cost *cost)                                          \
    {                                                                                              \
        venn_resample_cost(map_of(n), cost);                                                       \
    }                                                                                              \
    static void ref(const venn_ref *r)                                                             \
    {                                                                                              \
        venn_resample_ref(r, map_of(r->node));                                                     \
    }                                                                                              \
    static void ref_grad(const venn_ref *r)                                                        \
    {                                                                                              \
        venn_resample_ref_grad(r, map_of(r->node));                                                \
    }

#endif

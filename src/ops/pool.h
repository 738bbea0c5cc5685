// What pools of windows share, of one, two and three dimensions: geometry, shape rule, cost, references.
// Three axes always, depth, height, width; those that an op lacks are of extent 1 and come first.
#ifndef VENN_OPS_POOL_H
#define VENN_OPS_POOL_H

#include "graph/op.h"
#include "venn/ops.h"

#define VENN_POOL_AXES 3

// An op's params, in one form. Zeros are defaults. Pointers are to `rank` numbers each.
typedef struct venn_pool_fields {
    int rank;
    const int32_t *kernel, *stride, *pad;
} venn_pool_fields;

typedef struct venn_pool {
    int64_t planes; // B C
    int64_t in[VENN_POOL_AXES], out[VENN_POOL_AXES];
    int64_t kernel[VENN_POOL_AXES], stride[VENN_POOL_AXES], pad[VENN_POOL_AXES];
    venn_shape x; // [B, C, ..]
} venn_pool;

static inline int64_t venn_pool_volume(const int64_t extent[VENN_POOL_AXES])
{
    return extent[0] * extent[1] * extent[2];
}

// The geometry of a node whose input 0 is x and has the right rank.
venn_pool venn_pool_of(const venn_node *n, venn_pool_fields f);
// Checks x and params and declares output 0; false after an error.
bool venn_pool_shape(venn_node *n, venn_pool_fields f);
void venn_pool_cost(const venn_node *n, const venn_pool *p, venn_cost *cost);

// References. Calls fn for every pair of an output and an input inside its window, in scan order.
typedef void (*venn_pool_fn)(const venn_ref *r, const venn_pool *p, int64_t iy, int64_t ix);
void venn_pool_each(const venn_ref *r, const venn_pool *p, venn_pool_fn fn);
// The input that output iy chooses: the first of the greatest, or the last NaN.
int64_t venn_pool_best(const venn_ref *r, const venn_pool *p, int64_t iy);
void venn_pool_max_ref(const venn_ref *r, const venn_pool *p);
void venn_pool_max_ref_grad(const venn_ref *r, const venn_pool *p);
void venn_pool_avg_ref(const venn_ref *r, const venn_pool *p);
void venn_pool_avg_ref_grad(const venn_ref *r, const venn_pool *p);

// The functions of a descriptor, from `venn_pool_fields fields(const venn_node *)`; kind: max or avg.
#define VENN_POOL_OP(fields, kind)                                                                 \
    static bool shape(venn_node *n)                                                                \
    {                                                                                              \
        return venn_pool_shape(n, fields(n));                                                      \
    }                                                                                              \
    static void cost(const venn_node *n, venn_cost *cost)                                          \
    {                                                                                              \
        const venn_pool p = venn_pool_of(n, fields(n));                                            \
        venn_pool_cost(n, &p, cost);                                                               \
    }                                                                                              \
    static void ref(const venn_ref *r)                                                             \
    {                                                                                              \
        const venn_pool p = venn_pool_of(r->node, fields(r->node));                                \
        venn_pool_##kind##_ref(r, &p);                                                             \
    }                                                                                              \
    static void ref_grad(const venn_ref *r)                                                        \
    {                                                                                              \
        const venn_pool p = venn_pool_of(r->node, fields(r->node));                                \
        venn_pool_##kind##_ref_grad(r, &p);                                                        \
    }

#endif

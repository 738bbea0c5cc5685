// What max_pool2d and avg_pool2d share: params, shapes, and launching a kernel over four neighbouring
// outputs per invocation. The geometry is also the params of their gradient nodes.
#ifndef VENN_OPS_POOL_H
#define VENN_OPS_POOL_H

#include "graph/op.h"
#include "venn/ops.h"

// Pairs are height, width.
typedef struct venn_pool {
    int64_t planes, in[2], out[2];
    int64_t kernel[2], stride[2], pad[2];
    venn_shape x; // [B, C, H, W]
} venn_pool;

extern const venn_param_def venn_pool_params[];

// The geometry of a node whose params are venn_pool2d_params and whose input 0 is x.
venn_pool venn_pool_of(const venn_node *n);
// Checks x and params and declares output 0; false after an error.
bool venn_pool_shape(venn_node *n);
// Launch kernel `stem` (".texel" added where the profile wants it) over n's inputs and outputs: one
// invocation per four elements of `over`; backward also says which side of the window counts.
void venn_pool_record(venn_recorder *r, const venn_node *n, const venn_pool *p, const char *stem,
                      const venn_value *over);
void venn_pool_cost(const venn_node *n, const venn_pool *p, venn_cost *cost);

// References: calls fn for every pair of an output and an input inside its window, in scan order.
typedef void (*venn_pool_fn)(const venn_ref *r, const venn_pool *p, int64_t iy, int64_t ix);
void venn_pool_each(const venn_ref *r, const venn_pool *p, venn_pool_fn fn);

#endif

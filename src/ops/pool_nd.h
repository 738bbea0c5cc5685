// Pools of one and three dimensions, which are those of two: a sequence is an image of height 1; a volume
// is pooled slice by slice, then along the depth.
#ifndef VENN_OPS_POOL_ND_H
#define VENN_OPS_POOL_ND_H

#include "ops/pool.h"

extern const venn_param_def venn_pool1d_param_defs[], venn_pool3d_param_defs[];
venn_pool_fields venn_pool1d_fields(const venn_node *n);
venn_pool_fields venn_pool3d_fields(const venn_node *n);

typedef venn_tensor (*venn_pool2d_fn)(venn_graph *g, venn_tensor x, const venn_pool2d_params *p);
// What a composite of these params builds from its x.
venn_tensor venn_pool1d_build(venn_graph *g, const venn_node *n, venn_tensor x,
                              venn_pool2d_fn pool);
venn_tensor venn_pool3d_build(venn_graph *g, const venn_node *n, venn_tensor x,
                              venn_pool2d_fn pool);

#endif

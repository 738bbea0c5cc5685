// What max_pool2d and avg_pool2d share beyond pool.h: params, and launching a kernel over four
// neighbouring elements per invocation. The geometry is also the params of their gradient nodes.
#ifndef VENN_OPS_POOL2D_H
#define VENN_OPS_POOL2D_H

#include "ops/pool.h"

extern const venn_param_def venn_pool2d_param_defs[], venn_max_pool2d_param_defs[];
venn_pool_fields venn_pool2d_fields(const venn_node *n);

// Launch kernel `stem` (".texel" added where the profile wants it) over n's inputs and outputs: one
// invocation per four elements of `over`. mode, quads: the kernel's own specialization constants, 7 and 8.
void venn_pool2d_record(venn_recorder *r, const venn_node *n, const venn_pool *p, const char *stem,
                        const venn_value *over, uint32_t mode, bool quads);

#endif

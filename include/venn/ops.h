// venn/ops.h: the ops. Each call appends one node to a graph and returns its value, or VENN_NONE with
// the graph's error set if the operands do not fit (graph.h). Types are f32 unless said otherwise.
//
// Letters in shapes: B batch, C channels or classes, H W height and width, K T D free; [..] row-major.
// Params structs: NULL or a zeroed struct gives the defaults; each field's comment says what 0 means.
// `venn op NAME --help` prints the same from the op's own table.
#ifndef VENN_OPS_H
#define VENN_OPS_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Elementwise -----------------------------------------------------------------------------

// y = max(x, 0). x any shape. dx = dy where x > 0, else 0 (at 0: 0).
venn_tensor venn_relu(venn_graph *g, venn_tensor x);

// y = a + b with NumPy broadcasting: shapes are aligned at the last axis, extents equal or 1.
venn_tensor venn_add(venn_graph *g, venn_tensor a, venn_tensor b);

// A constant of the given shape.
venn_tensor venn_fill(venn_graph *g, venn_shape shape, float value);

// ---- Shape -----------------------------------------------------------------------------------

// ---- Reductions ------------------------------------------------------------------------------

// ---- Linear ----------------------------------------------------------------------------------

// ---- Convolution and pooling -----------------------------------------------------------------

// ---- Normalisation and noise -----------------------------------------------------------------

// ---- Softmax and losses ----------------------------------------------------------------------

// ---- Metrics ---------------------------------------------------------------------------------

// ---- Optimizer steps -------------------------------------------------------------------------

#ifdef __cplusplus
}
#endif
#endif

// Ops that only tests use. They need no kernel, so that a runner of ops depends on none.
#ifndef PROBE_OPS_H
#define PROBE_OPS_H

#include "graph/op.h"

// y = x, by copying: puts x and, in the reverse sweep, dy into transient memory.
extern const venn_op_desc probe_pass;
// L = sum over k and elements of y_k * r_k, of operands y_0 .. y_n-1, r_0 .. r_n-1: its reverse sweep,
// started with 1, hands the r_k as they are to the y_k. The device's L is always 0: never read it.
extern const venn_op_desc probe_join;
// w = x, in place, of a variable w.
extern const venn_op_desc probe_assign;

venn_tensor probe_pass_apply(venn_graph *g, venn_tensor x);
void probe_assign_apply(venn_graph *g, venn_tensor w, venn_tensor x);

#endif

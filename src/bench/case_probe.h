// Ops of the graphs that put other ops to the test (case_graph.h). They are in no table and need no
// kernel, so that the test of an op depends on no other op.
#ifndef VENN_BENCH_CASE_PROBE_H
#define VENN_BENCH_CASE_PROBE_H

#include "graph/op.h"

// y = x, by copying: puts x and, in the reverse sweep, dy into transient memory.
extern const venn_op_desc venn_probe_pass;
// L = sum over k and elements of y_k * r_k, of operands y_0 .. y_n-1, r_0 .. r_n-1: its reverse sweep,
// started with 1, hands the r_k as they are to the y_k. The device's L is always 0: never read it.
extern const venn_op_desc venn_probe_join;

venn_tensor venn_probe_pass_apply(venn_graph *g, venn_tensor x);

#endif

// venn/ops_index.h: reading and adding by index, orders, segments, queues. Part of ops.h, whose head
// says what holds for all ops.
//
// Indices are i32 tensors, made by the host or by other ops. One that is out of range (negative ones
// count as such) is no error, for the device could not report it: it names nothing. What is read there
// is 0 and gets no gradient, what would be added is dropped; no memory outside the tensor is touched.
// Where several indices are equal, sums are made in the order of the indices: the same in every run.
#ifndef VENN_OPS_INDEX_H
#define VENN_OPS_INDEX_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Reading and adding by index -------------------------------------------------------------

// `axis` is an axis of x, negative: from the last; N is x's extent there. Below, o stands for the axes
// before it, i for those behind it. Fastest where the axes behind make a multiple of 4.

// y[o, j, i] = x[o, index[o, j, i], i]. index has x's shape but for any extent at the axis, and gives y
// its shape. dx[o, a, i] = sum of dy[o, j, i] over the j with index[o, j, i] = a.
venn_tensor venn_gather(venn_graph *g, venn_tensor x, venn_tensor index, int axis);

// y[o, j, i] = x[o, index[j], i]: entries of one axis by a vector index [J]; y is x with J entries at the
// axis. dx[o, a, i] = sum of dy[o, j, i] over the j with index[j] = a.
venn_tensor venn_index_select(venn_graph *g, venn_tensor x, venn_tensor index, int axis);

// y[o, j.., i] = x[o, index[o, j..], i]: index begins with x's axes before `axis`; all its further axes
// stand in y where that axis of x was. With axis 0, index of any shape names entries of a table x [N, ..].
// dx[o, a, i] = sum of dy[o, j.., i] over the j with index[o, j..] = a.
venn_tensor venn_take_rows(venn_graph *g, venn_tensor x, venn_tensor index, int axis);

// y = x, and then y[o, index[o, j, i], i] += source[o, j, i] for all o, j, i. index as venn_gather's,
// source of its shape. dx = dy, dsource[o, j, i] = dy[o, index[o, j, i], i].
venn_tensor venn_scatter_add(venn_graph *g, venn_tensor x, venn_tensor index, venn_tensor source,
                             int axis);

// y = x, and then y[o, index[j], i] += source[o, j, i] for all o, j, i. index [J], source is like x with J
// entries at the axis. dx = dy, dsource[o, j, i] = dy[o, index[j], i].
venn_tensor venn_index_add(venn_graph *g, venn_tensor x, venn_tensor index, venn_tensor source,
                           int axis);

#ifdef __cplusplus
}
#endif
#endif

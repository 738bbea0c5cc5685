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

// ---- Orders ----------------------------------------------------------------------------------

// Along one axis of x, negative: from the last, for rows of any length. Orders are stable: equal elements
// keep the order of their places, the lowest first, descending orders too. NaN stands above everything, -0
// is equal to 0.

// y = x in ascending or descending order along the axis. *index, if not NULL, gets i32 of x's shape: where
// on the axis each element was, so that y = venn_gather(x, index, axis). dx = dy, each element where it
// came from. The values are differentiable, the index is not.
venn_tensor venn_sort(venn_graph *g, venn_tensor x, int axis, bool descending, venn_tensor *index);

// The index that venn_sort gives, alone. Not differentiable.
venn_tensor venn_argsort(venn_graph *g, venn_tensor x, int axis, bool descending);

// y = the k greatest elements along the axis, greatest first, or with `smallest` the k least, least first;
// k from 1 to the axis' extent, 0: 1. *index, if not NULL, gets i32 of y's shape: where on the axis each
// was. dx = dy, each element where it came from, else 0.
venn_tensor venn_top_k(venn_graph *g, venn_tensor x, int axis, int k, bool smallest,
                       venn_tensor *index);

// Which of their ranks equal elements get.
typedef enum venn_rank_ties {
    VENN_RANK_AVERAGE, // the mean of all of them, for every one
    VENN_RANK_LEAST,
    VENN_RANK_GREATEST,
    VENN_RANK_ORDINAL // each its own, in the order of places
} venn_rank_ties;

// y = the rank of each element along the axis, f32 of x's shape: 1 for the least, or for the greatest if
// `descending`. Not differentiable.
venn_tensor venn_rank(venn_graph *g, venn_tensor x, int axis, bool descending, venn_rank_ties ties);

// Elements of a row that venn_soft_rank takes at most.
#define VENN_SOFT_RANK_MAX 4096

typedef struct venn_soft_rank_params {
    float strength; // of the regularisation, positive; 0: 1
    bool centred; // subtract (n + 1) / 2, the mean of all ranks: exact where they are close; 0: no
} venn_soft_rank_params;

// Differentiable ranks along the last axis (Blondel et al. 2020): y = the point nearest to x / strength in
// the hull of all permutations of (1, .., n). x [.., n] with n at most VENN_SOFT_RANK_MAX. Ranks ascend with
// x and sum to n (n + 1) / 2. Elements further than strength from all others get their hard rank; closer
// ones are pooled in blocks, inside which y rises with x / strength. The scale of x matters: a large
// strength makes one block of all, and y affine in x.
// dx = (dy - the mean of dy over the element's block) / strength, exact. params may be NULL.
venn_tensor venn_soft_rank(venn_graph *g, venn_tensor x, const venn_soft_rank_params *params);

// ---- Classes ---------------------------------------------------------------------------------

// y[.., c] = 1 where c = label[..], else 0; c from 0 to classes - 1. label i32 of any shape; one out of
// range leaves its row 0. Not differentiable.
venn_tensor venn_one_hot(venn_graph *g, venn_tensor label, int classes);

// y = the whole number nearest to x, ties to even, as i32; -2^31 where x is beyond i32 or NaN. Not differentiable.
venn_tensor venn_to_i32(venn_graph *g, venn_tensor x);

// y[s] = mean of the rows x[p] with label[p] = s, for s from 0 to segments - 1. x [.., D], label i32 [..]; y
// [segments, D]. *count, if not NULL, gets f32 [segments], how many rows each has: a segment without any
// has count 0 and mean 0, which says nothing about x. Rows whose label is out of range (masked ones)
// belong to no segment. dx[p] = dy[label[p]] / count[label[p]], 0 for masked rows. count has no gradient.
venn_tensor venn_segment_mean(venn_graph *g, venn_tensor x, venn_tensor label, int segments,
                              venn_tensor *count);

// ---- Queues and averages ---------------------------------------------------------------------

// These change variables in place and return nothing, like the optimizer steps (ops.h); order matters:
// what is appended before sees the old content. guard: a scalar or VENN_NONE; if it is infinite or NaN,
// nothing is changed. None is differentiable.

// A queue of the last K rows, first in, first out, as a ring: queue[(position + b) mod K] = x[b] for each
// row b of x, then position = (position + B) mod K. queue: a variable [K, ..]; x [B, ..] with B at most K;
// position: a variable, i32, one element, 0 at first, part of the state like the queue itself (a value
// out of range counts as 0). Until K rows have come the rest of the queue is what it was made with. As a
// matrix, the queue is the variable's tensor; the order of its rows is the ring's.
void venn_enqueue(venn_graph *g, venn_tensor queue, venn_tensor position, venn_tensor x,
                  venn_tensor guard);

typedef struct venn_ema_params {
    float momentum; // m in [0, 1]; 0: 0.999, negative: m = 0. Not used if the momentum is a tensor
} venn_ema_params;

// average[i] = m average[i] + (1 - m) value[i], element by element, for n pairs of a variable and a tensor
// of its shape: a teacher that follows its student's weights. momentum: m as a scalar tensor, which may
// differ from run to run (not finite: nothing is changed), or VENN_NONE for the params' value. params may
// be NULL.
void venn_ema(venn_graph *g, size_t n, const venn_tensor *average, const venn_tensor *value,
              venn_tensor guard, venn_tensor momentum, const venn_ema_params *params);

#ifdef __cplusplus
}
#endif
#endif

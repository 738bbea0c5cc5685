// Sums, maxima, minima, products and sums of squares over any set of axes, in stages. Axes are merged into runs that are
// kept or reduced by turns; each reduced run, innermost first, is one stage [outer, length, columns] ->
// [outer, columns], or more where it is long: the length is cut into chunks, whose results are reduced
// again. Every stage has a
// fixed order and a bounded loop, so results are the same in every run and no loop limit is met.
#ifndef VENN_OPS_REDUCE_H
#define VENN_OPS_REDUCE_H

#include "graph/op.h"

// Maxima and minima are NaN where an element is. Over no elements: 0, -infinity, infinity, 1, 0.
typedef enum venn_fold {
    VENN_FOLD_SUM,
    VENN_FOLD_MAX,
    VENN_FOLD_MIN,
    VENN_FOLD_PROD,
    VENN_FOLD_SQUARES // the sum of them
} venn_fold;

// y = factor * op of x over the axes whose bits are set in `axes`. For n's input 0 and output 0.
void venn_reduce_record(venn_recorder *r, const venn_node *n, venn_fold op, uint32_t axes,
                        float factor);
uint64_t venn_reduce_workspace(const venn_profile *profile, const venn_node *n, uint32_t axes);

// x's shape with extent 1 at the axes in `axes`.
venn_shape venn_reduce_kept(const venn_shape *x, uint32_t axes);
// For references: joins every element of x to the element of y [kept shape] that it belongs to, and
// the way back of a sum, dx += factor * dy.
void venn_reduce_ref(venn_fold op, const venn_shape *x_shape, const venn_shape *kept,
                     const double *x, double *y);
void venn_reduce_ref_grad(const venn_shape *x_shape, const venn_shape *kept, const double *dy,
                          double factor, double *dx);
void venn_reduce_cost(const venn_node *n, venn_cost *cost);

#endif

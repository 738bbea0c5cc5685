// What the ops share that put the elements along one axis in order: sort, argsort, top_k and rank. The
// order is order.h's: stable, NaN above everything, -0 equal to 0.
#ifndef VENN_OPS_SORTING_H
#define VENN_OPS_SORTING_H

#include "ops/order.h"

// Each op's table shows the fields that it has; the others stay 0.
typedef struct venn_sorting_params {
    int32_t axis;    // negative: from the last
    bool descending; // greatest first; of top_k: least first (see venn_sorting_read)
    int32_t k;       // elements of each row, 0: 1
    int32_t ties;
} venn_sorting_params;

typedef struct venn_sorting {
    int64_t outer, length, inner;
    int64_t keep; // elements of each row
    bool descending;
} venn_sorting;

// Reads params and n's input x; false after venn_node_error. `all`: keep = length, else it is params->k.
bool venn_sorting_read(venn_node *n, bool all);
venn_sorting venn_sorting_of(const venn_node *n, bool all);

venn_order venn_sorting_order(const venn_sorting *s);
uint64_t venn_sorting_workspace(const venn_sorting *s);
// Orders x, f32 or (as unsigned) i32; values NULL: the places alone. places may be x itself then.
void venn_sorting_record(venn_recorder *r, const venn_node *n, const venn_sorting *s,
                         const venn_value *x, const venn_value *values, const venn_value *places);
// A node for the gradient of the values: dy, each where it came from in x, and zeros elsewhere.
venn_tensor venn_sorting_backward(venn_graph *g, const venn_sorting *s, venn_shape x,
                                  venn_tensor dy, venn_tensor places);

// For references: the places of row `row` in order, [length].
void venn_sorting_ref_row(const venn_sorting *s, const double *x, int64_t row, int64_t *places);
// The element of x [outer, length, inner] at `place` of a row, and of y [outer, keep, inner].
int64_t venn_sorting_x(const venn_sorting *s, int64_t row, int64_t place);
int64_t venn_sorting_y(const venn_sorting *s, int64_t row, int64_t place);
// y = the values and places of `keep` elements of each row; values NULL: the places alone.
void venn_sorting_ref(const venn_sorting *s, const double *x, double *values, double *places);
void venn_sorting_ref_grad(const venn_sorting *s, const venn_ref *r);
void venn_sorting_cost(const venn_node *n, venn_cost *cost);

#endif

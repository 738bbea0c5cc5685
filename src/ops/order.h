// Stable orders of many rows at once, by merging: runs of 32 are ordered by counting, then each element
// of two neighbouring runs finds by bisection how many of the other run stand before it. Every pass is
// one launch without barriers, shared memory or atomics, the same for any length of row.
//
// Rows lie along the middle axis of x [outer, length, inner]; row o * inner + i of them. Real numbers are
// ordered with NaN above everything and -0 equal to 0; equal elements keep their order, also descending.
#ifndef VENN_OPS_ORDER_H
#define VENN_OPS_ORDER_H

#include "graph/op.h"

typedef struct venn_order {
    int64_t outer, length, inner;
    int64_t pitch, first; // of the axis of x: its extent, and where the `length` elements begin
    int64_t keep;         // only so many of each row's first are wanted, from 1 to length
    bool descending;
    uint32_t limit; // of integers, which are ordered as unsigned: greater ones count as this one
} venn_order;

// Where, in elements of n->workspace, the result is: the keys of each row in order, [rows, length], and
// each one's place on x's axis, alike. Of each row only the first `keep` are there.
typedef struct venn_ordered {
    uint32_t keys, places;
} venn_ordered;

// Elements of an f32 or i32 value; whole rows, ascending.
venn_order venn_order_whole(int64_t outer, int64_t length, int64_t inner);
uint64_t venn_order_workspace(const venn_order *order);
venn_ordered venn_order_record(venn_recorder *r, const venn_node *n, const venn_order *order,
                               const venn_value *x);

#endif

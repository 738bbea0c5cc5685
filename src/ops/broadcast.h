// NumPy's broadcasting: shapes are aligned at their last axes; an extent of 1, or a missing leading
// axis, repeats.
#ifndef VENN_OPS_BROADCAST_H
#define VENN_OPS_BROADCAST_H

#include "graph/op.h"

// The shape that a and b broadcast to together; false if they do not.
bool venn_broadcast_shape(const venn_shape *a, const venn_shape *b, venn_shape *out);
// Whether x broadcasts to exactly y.
bool venn_broadcasts_to(const venn_shape *x, const venn_shape *y);
// For references: the element of x that element e of y, which x broadcasts to, is read from.
int64_t venn_broadcast_index(const venn_shape *x, const venn_shape *y, int64_t e);

#endif

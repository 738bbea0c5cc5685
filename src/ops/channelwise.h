// What ops share that treat some channels of x [B, C, ..] in another way than the rest.
#ifndef VENN_OPS_CHANNELWISE_H
#define VENN_OPS_CHANNELWISE_H

#include "graph/op.h"

// Checks that x has channels and that input i is one number per channel [C], or, where `each`, possibly
// one per channel of each sample [B, C]. Output 0 has x's shape.
bool venn_channelwise_shape(venn_node *n, int i, bool each);
// v [C] or [B, C] under the shape [1, C, 1, ..] or [B, C, 1, ..], which broadcasts to x.
venn_tensor venn_channelwise_view(venn_graph *g, venn_tensor v, const venn_shape *x);
// For references: the element of input i that goes with element e of x.
int64_t venn_channelwise_index(const venn_node *n, int i, int64_t e);
// For references: elements of a plane, 1 for x [B, C].
int64_t venn_channelwise_area(const venn_shape *x);

#endif

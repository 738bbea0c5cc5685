// The kernel under pairwise_distance.
#ifndef VENN_OPS_PAIRWISE_SQUARES_H
#define VENN_OPS_PAIRWISE_SQUARES_H

#include "graph/op.h"

// y[.., i, j] = |a[.., i] - b[.., j]|^2; a [.., N, D], b [.., M, D] with the same leading axes.
venn_tensor venn_pairwise_squares(venn_graph *g, venn_tensor a, venn_tensor b);

#endif

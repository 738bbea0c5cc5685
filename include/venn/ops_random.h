// venn/ops_random.h: random tensors. Part of ops.h, whose head says what holds for all ops.
//
// All of these draw from the counter-based generator (venn_graph_rng, venn_program_set_rng), each node in
// a stream of its own: the same key and step give the same numbers in every run and on every device. No
// state is kept. Streams are counted in the order in which a graph's random ops are appended.
#ifndef VENN_OPS_RANDOM_H
#define VENN_OPS_RANDOM_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// y = low + (high - low) u of the given shape, u uniform in [0, 1) on a grid of 2^-24, low <= high.
// The same bits on every device and on the host.
venn_tensor venn_random_uniform(venn_graph *g, venn_shape shape, float low, float high);

// y = 1 with probability p, else 0, p in [0, 1]; of the given shape. The same on every device.
venn_tensor venn_random_bernoulli(venn_graph *g, venn_shape shape, float p);

// y = mean + std z of the given shape, z normal with mean 0 and deviation 1 (Box-Muller, |z| < 5.8),
// std >= 0. The same on every device but for rounding.
venn_tensor venn_random_normal(venn_graph *g, venn_shape shape, float mean, float std);

// y = a permutation of 0 .. n - 1, i32 [n]: the places of n random 32-bit words in ascending order, for
// any n. The same on every device. With venn_index_select it shuffles any axis.
venn_tensor venn_random_permutation(venn_graph *g, int n);

// y = x + std z, z normal as in venn_random_normal, std >= 0. x any shape. dx = dy.
venn_tensor venn_gaussian_noise(venn_graph *g, venn_tensor x, float std);

#ifdef __cplusplus
}
#endif
#endif

// What the ops that draw from the counter-based generator share (shaders/ops/random.comp). Each node has
// a stream of its own; dropout has kernels of its own.
#ifndef VENN_OPS_RANDOM_DRAW_H
#define VENN_OPS_RANDOM_DRAW_H

#include "base/rng.h"
#include "ops/shape_params.h"

// Params of the ops that make a tensor of a given shape; each op's table names a and b.
typedef struct venn_random_params {
    venn_shape_params shape;
    float a, b;
} venn_random_params;

// Declares output 0 of the params' shape.
bool venn_random_shape(venn_node *n);
// Launches kernel "random.<variant>" into output 0; x (NULL: none) is added. Input `rng` of n is the
// generator's state.
void venn_random_record(venn_recorder *r, const venn_node *n, const char *kernel, int rng, float a,
                        float b, const venn_value *x);
// For references: the node's stream from its beginning; input `rng` holds the state.
venn_rng venn_random_ref(const venn_ref *r, int rng);
void venn_random_cost(const venn_node *n, venn_cost *cost);
bool venn_random_state_fits(venn_node *n, int rng);

#endif

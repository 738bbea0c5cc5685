// What losses of two arrays, element by element, share: the value of each pair, summed, averaged or as it
// is. An op of this family has a venn_pair_loss as its `family`, params that begin with a venn_reduction,
// and the functions below in its descriptor. Its inputs are y, t and perhaps one number per column.
#ifndef VENN_OPS_PAIR_LOSS_H
#define VENN_OPS_PAIR_LOSS_H

#include "ops/loss.h"
#include "venn/ops.h"

// What one pair costs, or the slope of that in y; s is the loss's number.
typedef double (*venn_pair_function)(double y, double t, double s);

typedef struct venn_pair_loss {
    uint32_t kind;                        // PAIR_* of shaders/ops/pair_loss.comp
    venn_pair_function value, slope;      // for references
    float (*setting)(const void *params); // the number where there is none per column; NULL: none
    float (*factor)(const void *params);  // of every value; NULL: 1
} venn_pair_loss;

// Output 0 is a scalar, or without a reduction of y's shape.
bool venn_pair_loss_shape(venn_node *n);
void venn_pair_loss_record(venn_recorder *r, const venn_node *n);
uint64_t venn_pair_loss_workspace(const venn_profile *profile, const venn_node *n);
// Where t has a gradient the loss must be a function of |y - t|: it is y's with the operands exchanged.
void venn_pair_loss_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                             uint32_t need, venn_tensor *dx);
void venn_pair_loss_cost(const venn_node *n, venn_cost *cost);
void venn_pair_loss_ref(const venn_ref *r);
void venn_pair_loss_ref_grad(const venn_ref *r);

#endif

// What variance and std share: both are about squares of what lies off the mean.
#ifndef VENN_OPS_SPREAD_H
#define VENN_OPS_SPREAD_H

#include "ops/reduction.h"

typedef struct venn_spread_params {
    venn_reduce_params over;
    bool unbiased;
} venn_spread_params;

// Of m elements: m, or m - 1 where unbiased.
double venn_spread_divisor(const venn_node *n);
bool venn_spread_shape(venn_node *n);
// For references: y = the variance; and dx = slope times the variance's gradient, slope of y's shape.
void venn_spread_ref(const venn_ref *r);
void venn_spread_ref_grad(const venn_ref *r, const double *slope);
void venn_spread_cost(const venn_node *n, venn_cost *cost);

extern const venn_param_def venn_spread_param_defs[];

#define VENN_SPREAD_OP                                                                             \
    .inputs = {{"x"}}, .n_inputs = 1, .n_outputs = 1, .params_size = sizeof(venn_spread_params),   \
    .params = venn_spread_param_defs, .shape = venn_spread_shape, .cost = venn_spread_cost,        \
    .half = VENN_HALF_LIKE_FIRST

#endif

// Ops that reduce x over axes, with venn_reduce_params for params or as the first member of them.
#ifndef VENN_OPS_REDUCTION_H
#define VENN_OPS_REDUCTION_H

#include "ops/reduce.h"
#include "venn/ops.h"

// What reduce.h's kernels do for such an op. Its op is VENN_REDUCE_RULES and its gradient.
typedef struct venn_reducing {
    venn_fold op;
    bool mean; // divides by the number of terms
} venn_reducing;

// Bit i: over axis i. And the number of elements behind one result.
uint32_t venn_reduction_axes(const venn_node *n);
double venn_reduction_terms(const venn_node *n);
// x's shape with the axes as extents of 1.
venn_shape venn_reduction_kept(const venn_node *n);
// Whether x has the axes; false after venn_node_error.
bool venn_reduction_axes_fit(venn_node *n);
// Checks that and declares output 0. Over no elements there is no maximum, minimum or mean; without a family, nothing.
bool venn_reduction_shape(venn_node *n);
// v of y's shape under the kept one, which broadcasts to x.
venn_tensor venn_reduction_view(venn_graph *g, const venn_node *n, venn_tensor v);
// For references: the element of y that element e of x belongs to.
int64_t venn_reduction_index(const venn_node *n, int64_t e);

// For `family` = a venn_reducing: what descriptors are filled with.
void venn_reduction_record(venn_recorder *r, const venn_node *n);
uint64_t venn_reduction_workspace(const venn_profile *profile, const venn_node *n);
void venn_reduction_ref(const venn_ref *r);
// Of sums and means: dx = dy, or dy / terms, repeated.
void venn_reduction_sum_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                 uint32_t need, venn_tensor *dx);
void venn_reduction_sum_ref_grad(const venn_ref *r);
// Of maxima and minima: equal shares of dy to all elements that are y.
void venn_reduction_extremum_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                      uint32_t need, venn_tensor *dx);
void venn_reduction_extremum_ref_grad(const venn_ref *r);

extern const venn_param_def venn_reduction_params[];

#define VENN_REDUCTION_PARAMS                                                                      \
    {"axes", VENN_PARAM_INT, offsetof(venn_reduce_params, axes),                                   \
     1,      NULL,           "bit i: over axis i; 0: over all"},                                   \
    {                                                                                              \
        "keepdims", VENN_PARAM_BOOL, offsetof(venn_reduce_params, keepdims), 1, NULL,              \
            "leave the axes as extents of 1; 0: drop them"                                         \
    }

// Test values come from `domain`.
#define VENN_REDUCE_RULES(reduction, domain)                                                       \
    .inputs = {{"x", VENN_F32, domain, 0}}, .n_inputs = 1, .n_outputs = 1,                         \
    .params_size = sizeof(venn_reduce_params), .params = venn_reduction_params,                    \
    .shape = venn_reduction_shape, .record = venn_reduction_record,                                \
    .workspace = venn_reduction_workspace, .ref = venn_reduction_ref, .cost = venn_reduce_cost,    \
    .family = &(reduction), .half = VENN_HALF_LIKE_FIRST

#endif

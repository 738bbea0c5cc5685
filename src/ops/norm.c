// norm: y = the root of the sum of x^2 over the axes
//       dx = x dy / y, 0 where y is 0
#include <math.h>

#include "ops/reduction.h"

// ---- Sum of squares --------------------------------------------------------------------------

static const venn_reducing squares = {VENN_FOLD_SQUARES, false};

static void squares_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                             uint32_t need, venn_tensor *dx)
{
    (void)need;
    const venn_tensor twice = venn_scale(g, venn_reduction_view(g, n, dy[0]), 2, 0);
    dx[0] = venn_mul(g, venn_in(n, 0), twice);
}

static const venn_op_desc norm_squares = {
    .name = "norm.squares",
    .summary = "y = sum of x^2 over the axes",
    VENN_REDUCE_RULES(squares, VENN_ANY),
    .gradient = squares_gradient,
};

// ---- The op ----------------------------------------------------------------------------------

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = venn_sqrt(g, venn_op_apply(g, &norm_squares, in, 1, n->params, NULL));
    return true;
}

static void ref(const venn_ref *r)
{
    const venn_shape kept = venn_reduction_kept(r->node);
    venn_reduce_ref(VENN_FOLD_SQUARES, &r->node->in[0]->shape, &kept, r->x[0], r->y[0]);
    for (int64_t i = 0; i < venn_shape_count(&kept); i++)
        r->y[0][i] = sqrt(r->y[0][i]);
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(r->node, e);
        r->dx[0][e] = r->y[0][i] != 0 ? r->x[0][e] * r->dy[0][i] / r->y[0][i] : 0;
    }
}

const venn_op_desc venn_op_norm = {
    .name = "norm",
    .summary = "y = the root of the sum of x^2 over the axes",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_reduce_params),
    .params = venn_reduction_params,
    .shape = venn_reduction_shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_reduce_cost,
    .family = &squares,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_norm(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_norm, &x, 1, over, NULL);
}

// logsumexp: y = ln(sum of e^x over the axes)
//            dx = e^(x - y) dy
#include <math.h>
#include <stdlib.h>

#include "ops/reduction.h"

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_reduce_params *over = n->params, kept = {over->axes, true};
    if (n->in[0]->count == 0) {
        out[0] = venn_sum(g, in[0], over);
        return true;
    }
    const venn_tensor max = venn_stop_gradient(g, venn_max(g, in[0], &kept));
    // An infinite one must not be taken from itself.
    const venn_tensor infinite =
        venn_equal(g, venn_abs(g, max), venn_fill(g, VENN_SCALAR, INFINITY));
    const venn_tensor shift = venn_where(g, infinite, venn_fill(g, VENN_SCALAR, 0), max);
    const venn_tensor sum = venn_sum(g, venn_exp(g, venn_sub(g, in[0], shift)), over);
    out[0] = venn_add(g, venn_log(g, sum), venn_reshape(g, shift, n->out[0]->shape));
    return true;
}

// What is taken off before e^x, and added behind the logarithm.
static double shift_of(double max)
{
    return isinf(max) ? 0 : max;
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    const venn_shape kept = venn_reduction_kept(n);
    double *y = r->y[0], *sum = calloc((size_t)n->out[0]->count + 1, sizeof *sum);
    venn_reduce_ref(VENN_FOLD_MAX, &n->in[0]->shape, &kept, r->x[0], y);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        sum[i] += exp(r->x[0][e] - shift_of(y[i]));
    }
    for (int64_t i = 0; i < n->out[0]->count; i++)
        y[i] = log(sum[i]) + shift_of(y[i]);
    free(sum);
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(r->node, e);
        r->dx[0][e] = exp(r->x[0][e] - r->y[0][i]) * r->dy[0][i];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_reduce_cost(n, cost);
    cost->flops *= 25;
}

const venn_op_desc venn_op_logsumexp = {
    .name = "logsumexp",
    .summary = "y = ln(sum of e^x over the axes)",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_reduce_params),
    .params = venn_reduction_params,
    .shape = venn_reduction_shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_logsumexp(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_logsumexp, &x, 1, over, NULL);
}

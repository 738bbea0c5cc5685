// variance: y = sum of (x - mean)^2 / m over the axes, of m elements; / (m - 1) where unbiased
//           dx = 2 (x - mean) dy / m, or / (m - 1)
#include "ops/spread.h"

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_spread_params *p = n->params;
    if (n->in[0]->count == 0) {
        out[0] = venn_sum(g, in[0], &p->over);
        return true;
    }
    const venn_reduce_params kept = {p->over.axes, true};
    // A mean that moves changes nothing: what lies off it sums to 0.
    const venn_tensor mean = venn_stop_gradient(g, venn_mean(g, in[0], &kept));
    const venn_tensor squares = venn_square(g, venn_sub(g, in[0], mean));
    out[0] =
        venn_scale(g, venn_sum(g, squares, &p->over), (float)(1.0 / venn_spread_divisor(n)), 0);
    return true;
}

static void ref_grad(const venn_ref *r)
{
    venn_spread_ref_grad(r, r->dy[0]);
}

const venn_op_desc venn_op_variance = {
    .name = "variance",
    .summary = "y = variance of x over the axes",
    VENN_SPREAD_OP,
    .build = build,
    .ref = venn_spread_ref,
    .ref_grad = ref_grad,
};

venn_tensor venn_variance(venn_graph *g, venn_tensor x, const venn_reduce_params *over,
                          bool unbiased)
{
    const venn_spread_params p = {over ? *over : (venn_reduce_params){0}, unbiased};
    return venn_op_apply(g, &venn_op_variance, &x, 1, &p, NULL);
}

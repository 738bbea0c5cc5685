// std: y = the root of the variance of x over the axes
//      dx = (x - mean) dy / (m y), or / ((m - 1) y) where unbiased; 0 where y is 0
#include <math.h>
#include <stdlib.h>

#include "ops/spread.h"

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_spread_params *p = n->params;
    out[0] = venn_sqrt(g, venn_variance(g, in[0], &p->over, p->unbiased));
    return true;
}

static void ref(const venn_ref *r)
{
    venn_spread_ref(r);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = sqrt(r->y[0][i]);
}

static void ref_grad(const venn_ref *r)
{
    const size_t count = (size_t)r->node->out[0]->count;
    double *slope = calloc(count + 1, sizeof *slope);
    for (size_t i = 0; i < count; i++)
        slope[i] = r->y[0][i] != 0 ? r->dy[0][i] / (2 * r->y[0][i]) : 0;
    venn_spread_ref_grad(r, slope);
    free(slope);
}

const venn_op_desc venn_op_std = {
    .name = "std",
    .summary = "y = standard deviation of x over the axes",
    VENN_SPREAD_OP,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
};

venn_tensor venn_std(venn_graph *g, venn_tensor x, const venn_reduce_params *over, bool unbiased)
{
    const venn_spread_params p = {over ? *over : (venn_reduce_params){0}, unbiased};
    return venn_op_apply(g, &venn_op_std, &x, 1, &p, NULL);
}

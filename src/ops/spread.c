// Shape and reference of variance and std (see spread.h).
#include <stdlib.h>

#include "ops/spread.h"

const venn_param_def venn_spread_param_defs[] = {
    VENN_REDUCTION_PARAMS,
    {"unbiased", VENN_PARAM_BOOL, offsetof(venn_spread_params, unbiased), 1, NULL,
     "divide by m - 1; 0: by m, the number of elements"},
    {0}};

double venn_spread_divisor(const venn_node *n)
{
    const venn_spread_params *p = n->params;
    return venn_reduction_terms(n) - p->unbiased;
}

bool venn_spread_shape(venn_node *n)
{
    if (!venn_reduction_shape(n))
        return false;
    if (venn_spread_divisor(n) == 0 && venn_shape_count(&n->out[0]->shape) > 0)
        return venn_node_error(n, "one element has no unbiased variance");
    return true;
}

// mean[i] of the elements behind y[i]; malloc'd.
static double *means(const venn_ref *r)
{
    const venn_node *n = r->node;
    double *mean = calloc((size_t)n->out[0]->count + 1, sizeof *mean);
    for (int64_t e = 0; e < n->in[0]->count; e++)
        mean[venn_reduction_index(n, e)] += r->x[0][e] / venn_reduction_terms(n);
    return mean;
}

void venn_spread_ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    double *mean = means(r);
    for (int64_t i = 0; i < n->out[0]->count; i++)
        r->y[0][i] = 0;
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        const double d = r->x[0][e] - mean[i];
        r->y[0][i] += d * d / venn_spread_divisor(n);
    }
    free(mean);
}

void venn_spread_ref_grad(const venn_ref *r, const double *slope)
{
    const venn_node *n = r->node;
    double *mean = means(r);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        r->dx[0][e] = 2 * (r->x[0][e] - mean[i]) / venn_spread_divisor(n) * slope[i];
    }
    free(mean);
}

void venn_spread_cost(const venn_node *n, venn_cost *cost)
{
    venn_reduce_cost(n, cost);
    cost->flops *= 4;
}

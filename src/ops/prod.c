// prod: y = product of x over the axes
//       dx = dy times the product of the others
#include <stdlib.h>

#include "ops/reduction.h"

static const venn_reducing reduction = {VENN_FOLD_PROD, false};

// The product of the others is that of all that are not 0, over x, unless there is a 0 among the others.
static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_reduce_params over = {(int32_t)venn_reduction_axes(n), true};
    const venn_tensor x = venn_in(n, 0), one = venn_fill(g, VENN_SCALAR, 1);
    const venn_tensor zero = venn_equal(g, x, venn_fill(g, VENN_SCALAR, 0));
    const venn_tensor divisor = venn_where(g, zero, one, x);
    const venn_tensor product =
        venn_mul(g, venn_reduction_view(g, n, dy[0]), venn_prod(g, divisor, &over));
    const venn_tensor no_other = venn_equal(g, zero, venn_sum(g, zero, &over));
    dx[0] = venn_mul(g, no_other, venn_div(g, product, divisor));
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    const size_t results = (size_t)n->out[0]->count + 1;
    double *product = malloc(results * sizeof *product); // of what is not 0
    double *zeros = calloc(results, sizeof *zeros);
    for (size_t i = 0; i < results; i++)
        product[i] = 1;
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const double x = r->x[0][e];
        product[venn_reduction_index(n, e)] *= x != 0 ? x : 1;
        zeros[venn_reduction_index(n, e)] += x == 0;
    }
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        const double x = r->x[0][e], others = x != 0 ? product[i] / x : product[i];
        r->dx[0][e] = zeros[i] - (x == 0) > 0 ? 0 : r->dy[0][i] * others;
    }
    free(product);
    free(zeros);
}

const venn_op_desc venn_op_prod = {
    .name = "prod",
    .summary = "y = product of x over the axes",
    VENN_REDUCE_RULES(reduction, VENN_POSITIVE),
    .gradient = gradient,
    .ref_grad = ref_grad,
};

venn_tensor venn_prod(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_prod, &x, 1, over, NULL);
}

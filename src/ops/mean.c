// mean: y = mean of x over the axes
//       dx = dy / m, repeated over the axes that m elements were averaged over
#include "ops/reduction.h"

static const venn_reducing reduction = {VENN_FOLD_SUM, true};

const venn_op_desc venn_op_mean = {
    .name = "mean",
    .summary = "y = mean of x over the axes",
    VENN_REDUCE_RULES(reduction, VENN_ANY),
    .gradient = venn_reduction_sum_gradient,
    .ref_grad = venn_reduction_sum_ref_grad,
};

venn_tensor venn_mean(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_mean, &x, 1, over, NULL);
}

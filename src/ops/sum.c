// sum: y = sum of x over the axes
//      dx = dy, repeated over the axes
#include "ops/reduction.h"

static const venn_reducing reduction = {VENN_FOLD_SUM, false};

const venn_op_desc venn_op_sum = {
    .name = "sum",
    .summary = "y = sum of x over the axes",
    VENN_REDUCE_RULES(reduction, VENN_ANY),
    .gradient = venn_reduction_sum_gradient,
    .ref_grad = venn_reduction_sum_ref_grad,
};

venn_tensor venn_sum(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_sum, &x, 1, over, NULL);
}

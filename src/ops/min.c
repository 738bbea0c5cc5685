// min: y = the smallest element of x over the axes, NaN if one is
//      dx = an equal share of dy to each element that is y, 0 to the others
#include "ops/reduction.h"

static const venn_reducing reduction = {VENN_FOLD_MIN, false};

const venn_op_desc venn_op_min = {
    .name = "min",
    .summary = "y = the smallest element of x over the axes",
    VENN_REDUCE_RULES(reduction, VENN_ANY),
    .gradient = venn_reduction_extremum_gradient,
    .ref_grad = venn_reduction_extremum_ref_grad,
};

venn_tensor venn_min(venn_graph *g, venn_tensor x, const venn_reduce_params *over)
{
    return venn_op_apply(g, &venn_op_min, &x, 1, over, NULL);
}

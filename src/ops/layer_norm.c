// layer_norm: y = (x - mean) invstd gamma + beta along the last axis, invstd = 1 / sqrt(var + eps)
//             dx = invstd (h - mean(h) - xhat mean(h xhat)), h = dy gamma, xhat = (x - mean) invstd
// dgamma = sum of dy xhat, dbeta = sum of dy, over the rows.
#include "ops/row_norm.h"
#include "venn/ops.h"

static venn_row_norm norm_of(const venn_node *n)
{
    const venn_layer_norm_params *p = n->params;
    return (venn_row_norm){.period = 1,
                           .each = venn_rows_length(n->in[0]),
                           .area = 1,
                           .eps = p->eps == 0 ? 1e-5f : p->eps,
                           .misfit = n->in[0]->shape.rank ? NULL : "x needs an axis"};
}

VENN_ROW_NORM_RULES(norm_of)

static const venn_param_def params[] = {{"eps", VENN_PARAM_FLOAT,
                                         offsetof(venn_layer_norm_params, eps), 1, NULL,
                                         "added to the variance; 0: 1e-5"},
                                        {0}};

const venn_op_desc venn_op_layer_norm = {
    .name = "layer_norm",
    .summary = "y = (x - mean) / sqrt(var + eps) gamma + beta along the last axis",
    .inputs = {{"x"},
               {"gamma", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"beta", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_layer_norm_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_row_norm_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_layer_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            const venn_layer_norm_params *p)
{
    venn_tensor in[] = {x, gamma, beta};
    return venn_op_apply(g, &venn_op_layer_norm, in, 3, p, NULL);
}

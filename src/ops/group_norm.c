// group_norm: y = (x - mean) invstd gamma + beta, mean and variance of each sample's groups of channels
//             dx, dgamma, dbeta as of layer_norm, a group of one sample being a row
#include "ops/channels.h"
#include "ops/row_norm.h"
#include "venn/ops.h"

static venn_row_norm norm_of(const venn_node *n)
{
    const venn_group_norm_params *p = n->params;
    const venn_planes x = venn_planes_of(n->in[0]);
    const bool fits = p->groups > 0 && x.channels % p->groups == 0;
    return (venn_row_norm){.period = p->groups,
                           .each = fits ? x.channels / p->groups : 0,
                           .area = x.area,
                           .eps = p->eps == 0 ? 1e-5f : p->eps,
                           .misfit = n->in[0]->shape.rank < 2 ? "x must be [B, C, ...]"
                                     : fits                   ? NULL
                                                              : "groups must divide the channels"};
}

VENN_ROW_NORM_RULES(norm_of)

static const venn_param_def params[] = {
    {"groups", VENN_PARAM_INT, offsetof(venn_group_norm_params, groups), 1, NULL,
     "groups that the channels are cut in; must divide them"},
    {"eps", VENN_PARAM_FLOAT, offsetof(venn_group_norm_params, eps), 1, NULL,
     "added to the variance; 0: 1e-5"},
    {0}};

const venn_op_desc venn_op_group_norm = {
    .name = "group_norm",
    .summary = "y = (x - mean) / sqrt(var + eps) gamma + beta, per sample and group of channels",
    .inputs = {{"x"},
               {"gamma", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"beta", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_group_norm_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_row_norm_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_group_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            const venn_group_norm_params *p)
{
    venn_tensor in[] = {x, gamma, beta};
    return venn_op_apply(g, &venn_op_group_norm, in, 3, p, NULL);
}

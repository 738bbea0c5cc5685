// instance_norm: y = (x - mean) invstd gamma + beta, mean and variance of each sample's channels
//                dx, dgamma, dbeta as of layer_norm, a channel of one sample being a row
#include "ops/channels.h"
#include "ops/row_norm.h"
#include "venn/ops.h"

static venn_row_norm norm_of(const venn_node *n)
{
    const venn_instance_norm_params *p = n->params;
    const venn_planes x = venn_planes_of(n->in[0]);
    return (venn_row_norm){
        .period = x.channels,
        .each = 1,
        .area = x.area,
        .eps = p->eps == 0 ? 1e-5f : p->eps,
        .misfit = n->in[0]->shape.rank < 3 ? "x must be [B, C, ...] with axes behind C" : NULL};
}

VENN_ROW_NORM_RULES(norm_of)

static const venn_param_def params[] = {{"eps", VENN_PARAM_FLOAT,
                                         offsetof(venn_instance_norm_params, eps), 1, NULL,
                                         "added to the variance; 0: 1e-5"},
                                        {0}};

const venn_op_desc venn_op_instance_norm = {
    .name = "instance_norm",
    .summary = "y = (x - mean) / sqrt(var + eps) gamma + beta, per sample and channel",
    .inputs = {{"x"},
               {"gamma", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"beta", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_instance_norm_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_row_norm_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_instance_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                               const venn_instance_norm_params *p)
{
    venn_tensor in[] = {x, gamma, beta};
    return venn_op_apply(g, &venn_op_instance_norm, in, 3, p, NULL);
}

// rms_norm: y = x invrms gamma along the last axis, invrms = 1 / sqrt(mean(x^2) + eps)
//           dx = invrms (h - x invrms mean(h x invrms)), h = dy gamma
// dgamma = sum of dy x invrms over the rows.
#include "ops/row_norm.h"
#include "venn/ops.h"

static venn_row_norm norm_of(const venn_node *n)
{
    const venn_rms_norm_params *p = n->params;
    return (venn_row_norm){.period = 1,
                           .each = venn_rows_length(n->in[0]),
                           .area = 1,
                           .rms = true,
                           .eps = p->eps == 0 ? 1.1920929e-7f : p->eps,
                           .misfit = n->in[0]->shape.rank ? NULL : "x needs an axis"};
}

VENN_ROW_NORM_RULES(norm_of)

static const venn_param_def params[] = {{"eps", VENN_PARAM_FLOAT,
                                         offsetof(venn_rms_norm_params, eps), 1, NULL,
                                         "added to the mean square; 0: 2^-23"},
                                        {0}};

const venn_op_desc venn_op_rms_norm = {
    .name = "rms_norm",
    .summary = "y = x / sqrt(mean(x^2) + eps) gamma along the last axis",
    .inputs = {{"x"}, {"gamma", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_rms_norm_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_row_norm_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_rms_norm(venn_graph *g, venn_tensor x, venn_tensor gamma,
                          const venn_rms_norm_params *p)
{
    venn_tensor in[] = {x, gamma};
    return venn_op_apply(g, &venn_op_rms_norm, in, 2, p, NULL);
}

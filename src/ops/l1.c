// l1: loss = mean, sum or elements of |y - t|
//     dy = sign(y - t) dloss scale, dt = -dy
#include <math.h>

#define VENN_HOST
#include "ops/pair_loss.h"
#include "pair_loss.comp"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_l1_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every value)"},
    {0}};

static double value(double y, double t, double s)
{
    (void)s;
    return fabs(y - t);
}

static double slope(double y, double t, double s)
{
    (void)s;
    return (y > t) - (y < t);
}

static const venn_pair_loss family = {
    .kind = PAIR_ABS,
    .value = value,
    .slope = slope,
};

const venn_op_desc venn_op_l1 = {
    .name = "l1",
    .summary = "|y - t|, mean, sum or elements",
    .inputs = {{"y"}, {"t"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_l1_params),
    .params = params,
    .family = &family,
    .shape = venn_pair_loss_shape,
    .record = venn_pair_loss_record,
    .workspace = venn_pair_loss_workspace,
    .gradient = venn_pair_loss_gradient,
    .ref = venn_pair_loss_ref,
    .ref_grad = venn_pair_loss_ref_grad,
    .cost = venn_pair_loss_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_l1(venn_graph *g, venn_tensor y, venn_tensor t, const venn_l1_params *p)
{
    venn_tensor in[] = {y, t};
    return venn_op_apply(g, &venn_op_l1, in, 2, p, NULL);
}

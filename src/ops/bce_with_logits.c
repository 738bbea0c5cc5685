// bce_with_logits: loss = mean, sum or elements of (1 - t) log(1 + e^x) + w t log(1 + e^-x)
//                  dx = ((1 - t) sigmoid(x) - w t sigmoid(-x)) dloss scale
#include <math.h>

#define VENN_HOST
#include "ops/pair_loss.h"
#include "pair_loss.comp"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_bce_with_logits_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every value)"},
    {0}};

static float without_weight(const void *params_of)
{
    (void)params_of;
    return 1;
}

static double softplus(double x)
{
    return fmax(x, 0) + log1p(exp(-fabs(x)));
}

static double value(double x, double t, double w)
{
    return (1 - t) * softplus(x) + w * t * softplus(-x);
}

static double slope(double x, double t, double w)
{
    return (1 - t) / (1 + exp(-x)) - w * t / (1 + exp(x));
}

static const venn_pair_loss family = {
    .kind = PAIR_BCE,
    .value = value,
    .slope = slope,
    .setting = without_weight,
};

const venn_op_desc venn_op_bce_with_logits = {
    .name = "bce_with_logits",
    .summary = "(1 - t) log(1 + e^x) + w t log(1 + e^-x), mean, sum or elements",
    .inputs = {{"x"},
               {"t", VENN_F32, VENN_PROBABILITY, VENN_IN_NO_GRAD},
               {"pos_weight", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_bce_with_logits_params),
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

venn_tensor venn_bce_with_logits(venn_graph *g, venn_tensor x, venn_tensor t,
                                 venn_tensor pos_weight, const venn_bce_with_logits_params *p)
{
    venn_tensor in[] = {x, t, pos_weight};
    return venn_op_apply(g, &venn_op_bce_with_logits, in, 3, p, NULL);
}

// smooth_l1: loss = mean, sum or elements of d^2 / 2 beta where |d| < beta, else |d| - beta / 2; d = y - t
//            dy = clamp(d / beta, -1, 1) dloss scale, dt = -dy
#include <math.h>

#define VENN_HOST
#include "ops/pair_loss.h"
#include "pair_loss.comp"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_smooth_l1_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every value)"},
    {"beta", VENN_PARAM_FLOAT, offsetof(venn_smooth_l1_params, beta), 1, NULL,
     "where the parabola ends; 0: 1"},
    {0}};

static float get_beta(const void *params_of)
{
    const venn_smooth_l1_params *p = params_of;
    return p->beta == 0 ? 1 : p->beta;
}

static bool shape(venn_node *n)
{
    const float beta = get_beta(n->params);
    if (!(beta > 0 && beta < INFINITY))
        return venn_node_error(n, "beta %g is not above 0", (double)beta);
    return venn_pair_loss_shape(n);
}

static double value(double y, double t, double s)
{
    const double far = fabs(y - t);
    return far < s ? far * far / (2 * s) : far - s / 2;
}

static double slope(double y, double t, double s)
{
    return fmax(-1, fmin(1, (y - t) / s));
}

static const venn_pair_loss family = {
    .kind = PAIR_SMOOTH,
    .value = value,
    .slope = slope,
    .setting = get_beta,
};

const venn_op_desc venn_op_smooth_l1 = {
    .name = "smooth_l1",
    .summary = "d^2 / 2 beta where |y - t| < beta, else |y - t| - beta / 2; mean, sum or elements",
    .inputs = {{"y"}, {"t"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_smooth_l1_params),
    .params = params,
    .family = &family,
    .shape = shape,
    .record = venn_pair_loss_record,
    .workspace = venn_pair_loss_workspace,
    .gradient = venn_pair_loss_gradient,
    .ref = venn_pair_loss_ref,
    .ref_grad = venn_pair_loss_ref_grad,
    .cost = venn_pair_loss_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_smooth_l1(venn_graph *g, venn_tensor y, venn_tensor t,
                           const venn_smooth_l1_params *p)
{
    venn_tensor in[] = {y, t};
    return venn_op_apply(g, &venn_op_smooth_l1, in, 2, p, NULL);
}

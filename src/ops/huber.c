// huber: loss = mean, sum or elements of d^2 / 2 where |d| < delta, else delta (|d| - delta / 2); d = y - t
//        dy = clamp(d, -delta, delta) dloss scale, dt = -dy
#include <math.h>

#define VENN_HOST
#include "ops/pair_loss.h"
#include "pair_loss.comp"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_huber_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every value)"},
    {"delta", VENN_PARAM_FLOAT, offsetof(venn_huber_params, delta), 1, NULL,
     "where the parabola ends; 0: 1"},
    {0}};

static float get_delta(const void *params_of)
{
    const venn_huber_params *p = params_of;
    return p->delta == 0 ? 1 : p->delta;
}

static bool shape(venn_node *n)
{
    const float delta = get_delta(n->params);
    if (!(delta > 0 && delta < INFINITY))
        return venn_node_error(n, "delta %g is not above 0", (double)delta);
    return venn_pair_loss_shape(n);
}

static double value(double y, double t, double s)
{
    // The family multiplies by delta: this is smooth_l1.
    const double far = fabs(y - t);
    return (far < s ? far * far / 2 : s * (far - s / 2)) / s;
}

static double slope(double y, double t, double s)
{
    return fmax(-s, fmin(s, y - t)) / s;
}

static const venn_pair_loss family = {
    .kind = PAIR_SMOOTH,
    .value = value,
    .slope = slope,
    .setting = get_delta,
    .factor = get_delta,
};

const venn_op_desc venn_op_huber = {
    .name = "huber",
    .summary =
        "d^2 / 2 where |y - t| < delta, else delta (|y - t| - delta / 2); mean, sum or elements",
    .inputs = {{"y"}, {"t"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_huber_params),
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

venn_tensor venn_huber(venn_graph *g, venn_tensor y, venn_tensor t, const venn_huber_params *p)
{
    venn_tensor in[] = {y, t};
    return venn_op_apply(g, &venn_op_huber, in, 2, p, NULL);
}

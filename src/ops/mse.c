// mse: loss = mean, sum or elements of (y - t)^2
//      dy = 2 (y - t) dloss scale, dt = -dy
#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_mse_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every square)"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_mse_params *)n->params)->reduction == VENN_REDUCE_NONE;
}

static bool shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "y and t must have one shape");
    venn_node_output(n, 0, VENN_F32, is_each(n) ? n->in[0]->shape : VENN_SCALAR);
    return true;
}

static double reduction_scale(const venn_node *n)
{
    const venn_mse_params *p = n->params;
    const int64_t count = n->in[0]->count;
    return p->reduction == VENN_REDUCE_MEAN && count ? 1.0 / (double)count : 1.0;
}

// The array is cut in rows that a subgroup holds.
static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem)
{
    enum { HELD = 4 };
    const int64_t count = n->in[0]->count;
    venn_rows plan = venn_rows_plan(profile, (count + 4 * HELD - 1) / (4 * HELD), 4 * HELD, 1);
    plan.lanes = plan.subgroup;
    plan.held = HELD;
    const int64_t in_row = (int64_t)4 * HELD * plan.lanes;
    return (venn_loss){
        .stem = stem,
        .plan = plan,
        .rows = (count + in_row - 1) / in_row,
        .length = count,
        .each = is_each(n),
        .scale = reduction_scale(n),
    };
}

static void record(venn_recorder *r, const venn_node *n)
{
    const bool each = is_each(n);
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, each ? "mse.each" : "mse.forward");
    if (each)
        venn_loss_record_backward(r, n, &loss);
    else
        venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL);
    return venn_loss_workspace(profile, &loss);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "mse.backward");
    venn_loss_record_backward(r, n, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 3.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->out[0]->count);
}

static const venn_op_desc mse_backward = {
    .name = "mse.backward",
    .summary = "dy = 2 (y - t) dloss scale",
    .inputs = {{"y"}, {"t"}, {"dloss"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_mse_params),
    .params = params,
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    // The loss is symmetric: t's gradient is y's with the operands exchanged.
    for (int i = 0; i < 2; i++)
        if (need >> i & 1) {
            venn_tensor in[] = {venn_in(n, i), venn_in(n, 1 - i), dy[0]};
            dx[i] = venn_op_apply(g, &mse_backward, in, 3, n->params, NULL);
        }
}

static void ref(const venn_ref *r)
{
    const bool each = is_each(r->node);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double d = r->x[0][i] - r->x[1][i];
        if (each)
            r->y[0][i] = d * d;
        else
            r->y[0][0] += d * d * reduction_scale(r->node);
    }
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double slope = venn_loss_dy(r, is_each(r->node), i) * reduction_scale(r->node);
        const double d = 2 * (r->x[0][i] - r->x[1][i]) * slope;
        if (r->dx[0])
            r->dx[0][i] = d;
        if (r->dx[1])
            r->dx[1][i] = -d;
    }
}

const venn_op_desc venn_op_mse = {
    .name = "mse",
    .summary = "(y - t)^2, mean, sum or elements",
    .inputs = {{"y"}, {"t"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_mse_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
};

venn_tensor venn_mse(venn_graph *g, venn_tensor y, venn_tensor t, const venn_mse_params *p)
{
    venn_tensor in[] = {y, t};
    return venn_op_apply(g, &venn_op_mse, in, 2, p, NULL);
}

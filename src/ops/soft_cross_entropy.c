// soft_cross_entropy: loss[b] = sum_c t[b,c] (log sum_k e^x[b,k] - x[b,c])
//                     dx = (softmax(x) sum_c t - t) dy scale
// With smoothing s the target is (1 - s) t + s / C.
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_cross_entropy_params, reduction), 1, reductions,
     "over the rows: mean (default), sum, none (a loss per row)"},
    {"label_smoothing", VENN_PARAM_FLOAT, offsetof(venn_cross_entropy_params, label_smoothing), 1,
     NULL, "s: the target is (1 - s) t + s / C; 0: none"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_cross_entropy_params *)n->params)->reduction == VENN_REDUCE_NONE;
}

static bool shape(venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    if (!(p->label_smoothing >= 0 && p->label_smoothing <= 1))
        return venn_node_error(n, "label_smoothing %g is not in [0, 1]",
                               (double)p->label_smoothing);
    if (p->ignore_index)
        return venn_node_error(n, "ignore_index needs labels: give rows to leave out t = 0");
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "x and t must have one shape");
    return venn_loss_shape(n, is_each(n));
}

static double reduction_scale(const venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]);
    return p->reduction == VENN_REDUCE_MEAN && rows ? 1.0 / (double)rows : 1.0;
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem,
                         int arrays, int passes)
{
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){
        .stem = stem,
        .plan = venn_rows_plan(profile, rows, length, arrays),
        .rows = rows,
        .length = length,
        .passes = passes,
        .each = is_each(n),
        .scale = reduction_scale(n),
        .setting = ((const venn_cross_entropy_params *)n->params)->label_smoothing,
    };
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "soft_cross_entropy.forward", 1, 2);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL, 1, 0);
    return venn_loss_workspace(profile, &loss);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss =
        loss_of(venn_recorder_profile(r), n, "soft_cross_entropy.backward", 2, 3);
    venn_loss_record_backward(r, n, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 5.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

static const venn_op_desc soft_cross_entropy_backward = {
    .name = "soft_cross_entropy.backward",
    .summary = "dx = (softmax(x) sum t - t) dy scale",
    .inputs = {{"x"}, {"t", VENN_F32, VENN_PROBABILITY, 0}, {"dy"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_cross_entropy_params),
    .params = params,
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_in(n, 0), venn_in(n, 1), dy[0]};
    dx[0] = venn_op_apply(g, &soft_cross_entropy_backward, in, 3, n->params, NULL);
}

static double log_sum(const double *x, int64_t length)
{
    double top = x[0];
    long double sum = 0; // rows are long, and finite differences of the loss are taken
    for (int64_t c = 1; c < length; c++)
        top = fmax(top, x[c]);
    for (int64_t c = 0; c < length; c++)
        sum += exp(x[c] - top);
    return top + log(fmax((double)sum, 1));
}

static double target(const venn_ref *r, int64_t row, int64_t c)
{
    const venn_cross_entropy_params *p = r->node->params;
    const int64_t length = venn_rows_length(r->node->in[0]);
    const double s = p->label_smoothing;
    return (1 - s) * r->x[1][row * length + c] + s / (double)length;
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    const bool each = is_each(r->node);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, all = log_sum(x, length);
        long double loss = 0;
        for (int64_t c = 0; c < length; c++)
            loss += target(r, row, c) * (all - x[c]);
        if (each)
            r->y[0][row] = (double)loss;
        else
            r->y[0][0] += (double)loss * reduction_scale(r->node);
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, all = log_sum(x, length);
        const double slope = venn_loss_dy(r, is_each(r->node), row) * reduction_scale(r->node);
        double weight = 0;
        for (int64_t c = 0; c < length; c++)
            weight += target(r, row, c);
        for (int64_t c = 0; c < length; c++)
            r->dx[0][row * length + c] = (exp(x[c] - all) * weight - target(r, row, c)) * slope;
    }
}

const venn_op_desc venn_op_soft_cross_entropy = {
    .name = "soft_cross_entropy",
    .summary = "sum_c t (log sum e^x - x), reduced over the rows",
    .inputs = {{"x"}, {"t", VENN_F32, VENN_PROBABILITY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_cross_entropy_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_soft_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor t,
                                    const venn_cross_entropy_params *p)
{
    venn_tensor in[] = {x, t};
    return venn_op_apply(g, &venn_op_soft_cross_entropy, in, 2, p, NULL);
}

// kl_div: loss[b] = sum_c p (log p - log q), p = softmax(teacher / T), q = softmax(student / T)
//         dstudent = (q - p) / T dy scale, scale with T^2 if asked for
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"batchmean", "mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_kl_div_params, reduction), 1, reductions,
     "sum / B: batchmean (default), sum / (B C): mean, sum, none (a loss per row)"},
    {"temperature", VENN_PARAM_FLOAT, offsetof(venn_kl_div_params, temperature), 1, NULL,
     "T > 0, unless it is the third input; 0: 1"},
    {"t_squared", VENN_PARAM_BOOL, offsetof(venn_kl_div_params, t_squared), 1, NULL,
     "multiply by T^2; 0: no"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_kl_div_params *)n->params)->reduction == VENN_KL_NONE;
}

static bool shape(venn_node *n)
{
    const venn_kl_div_params *p = n->params;
    if (!(p->temperature >= 0 && p->temperature < INFINITY))
        return venn_node_error(n, "temperature %g is not above 0", (double)p->temperature);
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "student and teacher must have one shape");
    if (n->in[2] && n->in[2]->shape.rank != 0)
        return venn_node_error(n, "temperature must be a scalar");
    return venn_loss_shape(n, is_each(n));
}

static double reduction_scale(const venn_node *n)
{
    const double rows = (double)venn_rows_count(n->in[0]), all = (double)n->in[0]->count;
    if (rows == 0)
        return 1;
    switch (((const venn_kl_div_params *)n->params)->reduction) {
    case VENN_KL_BATCHMEAN:
        return 1 / rows;
    case VENN_KL_MEAN:
        return 1 / all;
    default:
        return 1;
    }
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem,
                         int arrays, int passes)
{
    const venn_kl_div_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){
        .stem = stem,
        .plan = venn_rows_plan(profile, rows, length, arrays),
        .rows = rows,
        .length = length,
        .passes = passes,
        .each = is_each(n),
        .scale = reduction_scale(n),
        .setting = p->temperature == 0 ? 1 : p->temperature,
        .spec = {n->in[2] != NULL, p->t_squared},
    };
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "kl_div.forward", 3, 3);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL, 3, 0);
    return venn_loss_workspace(profile, &loss);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "kl_div.backward", 2, 3);
    venn_loss_record_backward(r, n, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 12.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->out[0]->count);
}

static const venn_op_desc kl_div_backward = {
    .name = "kl_div.backward",
    .summary = "dstudent = (q - p) / T dy scale",
    .inputs = {{"student"},
               {"teacher"},
               {"temperature", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL},
               {"dy"}},
    .n_inputs = 4,
    .n_outputs = 1,
    .params_size = sizeof(venn_kl_div_params),
    .params = params,
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_in(n, 0), venn_in(n, 1), venn_in(n, 2), dy[0]};
    dx[0] = venn_op_apply(g, &kl_div_backward, in, 4, n->params, NULL);
}

static double temperature_of(const venn_ref *r)
{
    const venn_kl_div_params *p = r->node->params;
    return r->x[2] ? r->x[2][0] : p->temperature == 0 ? 1 : p->temperature;
}

// log of the sum of e^(x / T).
static double log_sum(const double *x, int64_t length, double T)
{
    double top = x[0];
    long double sum = 0; // rows are long, and finite differences of the loss are taken
    for (int64_t c = 1; c < length; c++)
        top = fmax(top, x[c]);
    for (int64_t c = 0; c < length; c++)
        sum += exp((x[c] - top) / T);
    return top / T + log(fmax((double)sum, 1));
}

static double factor(const venn_ref *r)
{
    const venn_kl_div_params *p = r->node->params;
    const double T = temperature_of(r);
    return reduction_scale(r->node) * (p->t_squared ? T * T : 1);
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    const bool each = is_each(r->node);
    const double T = temperature_of(r);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, *t = r->x[1] + row * length;
        const double log_x = log_sum(x, length, T), log_t = log_sum(t, length, T);
        long double loss = 0;
        for (int64_t c = 0; c < length; c++)
            loss += exp(t[c] / T - log_t) * ((t[c] / T - log_t) - (x[c] / T - log_x));
        r->y[0][each ? row : 0] = (double)loss * factor(r) + (each ? 0 : r->y[0][0]);
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    const double T = temperature_of(r);
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, *t = r->x[1] + row * length;
        const double log_x = log_sum(x, length, T), log_t = log_sum(t, length, T);
        const double slope = venn_loss_dy(r, is_each(r->node), row) * factor(r) / T;
        for (int64_t c = 0; c < length; c++)
            r->dx[0][row * length + c] = (exp(x[c] / T - log_x) - exp(t[c] / T - log_t)) * slope;
    }
}

const venn_op_desc venn_op_kl_div = {
    .name = "kl_div",
    .summary = "KL(softmax(teacher / T) || softmax(student / T)), reduced over the rows",
    .inputs = {{"student"},
               {"teacher", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"temperature", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_kl_div_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
};

venn_tensor venn_kl_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                        venn_tensor temperature, const venn_kl_div_params *p)
{
    venn_tensor in[] = {student, teacher, temperature};
    return venn_op_apply(g, &venn_op_kl_div, in, 3, p, NULL);
}

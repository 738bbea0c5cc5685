// dkd: loss[b] = T^2 (alpha KL((p_y, 1 - p_y) || (q_y, 1 - q_y)) + beta KL(p^ || q^)), y = label[b], p and q the
//      softmax of teacher and student over T, ^ without y
//      dstudent = T alpha (q_y - p_y) at y, T (beta (q^ - p^) - alpha (q_y - p_y) q^) elsewhere, dloss
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_dkd_params, reduction), 1, reductions,
     "over the rows: mean (default), sum, none (a loss per row)"},
    {"temperature", VENN_PARAM_FLOAT, offsetof(venn_dkd_params, temperature), 1, NULL,
     "T > 0; 0: 1"},
    {"alpha", VENN_PARAM_FLOAT, offsetof(venn_dkd_params, alpha), 1, NULL,
     "weight of the target's part; 0 with beta 0: 1"},
    {"beta", VENN_PARAM_FLOAT, offsetof(venn_dkd_params, beta), 1, NULL,
     "weight of the part among the others; 0 with alpha 0: 1"},
    {0}};

static const venn_dkd_params *params_of(const venn_node *n)
{
    return n->params;
}

static bool is_each(const venn_node *n)
{
    return params_of(n)->reduction == VENN_REDUCE_NONE;
}

static double reduction_scale(const venn_node *n)
{
    const int64_t rows = venn_rows_count(n->in[0]);
    return params_of(n)->reduction == VENN_REDUCE_MEAN && rows ? 1.0 / (double)rows : 1.0;
}

static float temperature_of(const venn_node *n)
{
    const float T = params_of(n)->temperature;
    return T == 0 ? 1 : T;
}

static float weight_of(const venn_node *n, int part)
{
    const venn_dkd_params *p = params_of(n);
    if (p->alpha == 0 && p->beta == 0)
        return 1;
    return part ? p->beta : p->alpha;
}

static bool shape(venn_node *n)
{
    const float T = temperature_of(n);
    if (!(T > 0 && T < INFINITY))
        return venn_node_error(n, "temperature %g is not above 0", (double)T);
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "student and teacher must have one shape");
    if (n->in[0]->shape.rank == 0 || venn_rows_length(n->in[0]) < 2)
        return venn_node_error(n, "student must be [.., C] with at least two classes");
    if (!venn_loss_labels_fit(n, 2))
        return venn_node_error(n, "label must have the shape of student without its last axis");
    return venn_loss_shape(n, is_each(n));
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem,
                         int passes)
{
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){.stem = stem,
                       .plan = venn_rows_plan(profile, rows, length, 3),
                       .rows = rows,
                       .length = length,
                       .passes = passes,
                       .each = is_each(n),
                       .scale = reduction_scale(n),
                       .setting = temperature_of(n),
                       .extra = {weight_of(n, 0), weight_of(n, 1)}};
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "dkd.forward", 3);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL, 0);
    return venn_loss_workspace(profile, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 12.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->in[2]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "dkd.backward", 3);
    venn_loss_record_backward(r, n, &loss);
}

static const venn_op_desc dkd_backward = {
    .name = "dkd.backward",
    .summary = "dstudent of dkd",
    .inputs = {{"student"}, {"teacher"}, {"label", VENN_I32, VENN_CLASS, 0}, {"dloss"}},
    .n_inputs = 4,
    .n_outputs = 1,
    .params_size = sizeof(venn_dkd_params),
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
    dx[0] = venn_op_apply(g, &dkd_backward, in, 4, n->params, NULL);
}

// ---- References ------------------------------------------------------------------------------

// A row's log-probabilities: of the target and of all others together, and among the others.
typedef struct decoupled {
    const double *x;
    int64_t length, target;
    double T, target_log, rest_log, others; // others: log of the sum of e^(x / T) over them
} decoupled;

static decoupled decouple(const venn_ref *r, int input, int64_t row)
{
    decoupled s = {.length = venn_rows_length(r->node->in[0]),
                   .target = (int64_t)r->x[2][row],
                   .T = (double)temperature_of(r->node)};
    double top = -INFINITY;
    long double sum = 0;
    s.x = r->x[input] + row * s.length;
    for (int64_t c = 0; c < s.length; c++)
        top = c == s.target ? top : fmax(top, s.x[c] / s.T);
    for (int64_t c = 0; c < s.length; c++)
        sum += c == s.target ? 0 : exp(s.x[c] / s.T - top);
    s.others = sum == 0 ? -INFINITY : top + log((double)sum);
    const double odds = s.x[s.target] / s.T - s.others;
    const double all = fmax(odds, 0) + log1p(exp(-fabs(odds))); // log(1 + e^odds)
    s.target_log = odds - all;
    s.rest_log = -all;
    return s;
}

static double among(const decoupled *s, int64_t c)
{
    return s->x[c] / s->T - s->others;
}

static double row_loss(const venn_ref *r, int64_t row)
{
    const decoupled q = decouple(r, 0, row), p = decouple(r, 1, row);
    long double others = 0;
    for (int64_t c = 0; c < p.length; c++)
        others += c == p.target ? 0 : exp(among(&p, c)) * (among(&p, c) - among(&q, c));
    const double target = exp(p.target_log) * (p.target_log - q.target_log) +
                          exp(p.rest_log) * (p.rest_log - q.rest_log);
    return q.T * q.T *
           ((double)weight_of(r->node, 0) * target +
            (double)weight_of(r->node, 1) * (double)others);
}

static void ref(const venn_ref *r)
{
    const bool each = is_each(r->node);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t row = 0; row < venn_rows_count(r->node->in[0]); row++) {
        if (each)
            r->y[0][row] = row_loss(r, row);
        else
            r->y[0][0] += row_loss(r, row) * reduction_scale(r->node);
    }
}

static void ref_grad(const venn_ref *r)
{
    const double alpha = (double)weight_of(r->node, 0), beta = (double)weight_of(r->node, 1);
    for (int64_t row = 0; row < venn_rows_count(r->node->in[0]); row++) {
        const decoupled q = decouple(r, 0, row), p = decouple(r, 1, row);
        const double ahead = alpha * (exp(q.target_log) - exp(p.target_log));
        const double slope =
            q.T * venn_loss_dy(r, is_each(r->node), row) * reduction_scale(r->node);
        for (int64_t c = 0; c < q.length; c++) {
            const double to = exp(among(&q, c)), goal = exp(among(&p, c));
            r->dx[0][row * q.length + c] =
                slope * (c == q.target ? ahead : beta * (to - goal) - ahead * to);
        }
    }
}

const venn_op_desc venn_op_dkd = {
    .name = "dkd",
    .summary = "T^2 (alpha KL of the target's share + beta KL among the others), over the rows",
    .inputs = {{"student"},
               {"teacher", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"label", VENN_I32, VENN_CLASS, VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_dkd_params),
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

venn_tensor venn_dkd(venn_graph *g, venn_tensor student, venn_tensor teacher, venn_tensor label,
                     const venn_dkd_params *p)
{
    venn_tensor in[] = {student, teacher, label};
    return venn_op_apply(g, &venn_op_dkd, in, 3, p, NULL);
}

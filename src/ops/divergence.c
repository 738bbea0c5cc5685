// Launches and references of the distances between teacher and student (see divergence.h).
#include <math.h>

#define VENN_HOST
#include "divergence.comp"
#include "ops/divergence.h"

// What a launch needs to know, also of the backward node, whose op is another.
typedef struct divergence_params {
    uint32_t kind;
    venn_kl_div_params kl;
    float b;
} divergence_params;

const char *const venn_divergence_reductions[] = {"batchmean", "mean", "sum", "none", NULL};

const venn_param_def venn_divergence_params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_kl_div_params, reduction), 1,
     venn_divergence_reductions,
     "sum / B: batchmean (default), sum / (B C): mean, sum, none (a loss per row)"},
    {"temperature", VENN_PARAM_FLOAT, offsetof(venn_kl_div_params, temperature), 1, NULL,
     "T > 0, unless it is the third input; 0: 1"},
    {"t_squared", VENN_PARAM_BOOL, offsetof(venn_kl_div_params, t_squared), 1, NULL,
     "multiply by T^2; 0: no"},
    {0}};

static divergence_params params_of(const venn_node *n)
{
    const venn_divergence *divergence = n->op->family;
    divergence_params p = {.kind = divergence->kind};
    if (divergence->split)
        divergence->split(n->params, &p.kl, &p.b);
    else
        p.kl = *(const venn_kl_div_params *)n->params;
    return p;
}

static bool is_each(const divergence_params *p)
{
    return p->kl.reduction == VENN_KL_NONE;
}

bool venn_divergence_shape(venn_node *n)
{
    const divergence_params p = params_of(n);
    if (!(p.kl.temperature >= 0 && p.kl.temperature < INFINITY))
        return venn_node_error(n, "temperature %g is not above 0", (double)p.kl.temperature);
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "student and teacher must have one shape");
    if (n->in[2] && n->in[2]->shape.rank != 0)
        return venn_node_error(n, "temperature must be a scalar");
    return venn_loss_shape(n, is_each(&p));
}

static double reduction_scale(const venn_node *n, const divergence_params *p)
{
    const double rows = (double)venn_rows_count(n->in[0]), all = (double)n->in[0]->count;
    if (rows == 0)
        return 1;
    switch (p->kl.reduction) {
    case VENN_KL_BATCHMEAN:
        return 1 / rows;
    case VENN_KL_MEAN:
        return 1 / all;
    default:
        return 1;
    }
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n,
                         const divergence_params *p, const char *stem, int arrays, int passes)
{
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){
        .stem = stem,
        .plan = venn_rows_plan(profile, rows, length, arrays),
        .rows = rows,
        .length = length,
        .passes = passes,
        .each = is_each(p),
        .scale = reduction_scale(n, p),
        .setting = p->kl.temperature == 0 ? 1 : p->kl.temperature,
        .extra = {p->b},
        .spec = {n->in[2] != NULL, p->kl.t_squared, p->kind},
    };
}

void venn_divergence_record(venn_recorder *r, const venn_node *n)
{
    const divergence_params p = params_of(n);
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, &p, "divergence.forward", 3, 3);
    venn_loss_record(r, n, &loss);
}

uint64_t venn_divergence_workspace(const venn_profile *profile, const venn_node *n)
{
    const divergence_params p = params_of(n);
    const venn_loss loss = loss_of(profile, n, &p, NULL, 3, 0);
    return venn_loss_workspace(profile, &loss);
}

void venn_divergence_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 12.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const divergence_params *p = n->params;
    const bool plain = p->kind == DIVERGENCE_KL; // without the mean slope, and with less in hand
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, p, "divergence.backward",
                                   plain ? 2 : 3, plain ? 3 : 4);
    venn_loss_record_backward(r, n, &loss);
}

static const venn_op_desc divergence_backward = {
    .name = "divergence.backward",
    .summary = "dstudent = q (g - sum q g) / T dy scale, g the slope in q",
    .inputs = {{"student"},
               {"teacher"},
               {"temperature", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL},
               {"dy"}},
    .n_inputs = 4,
    .n_outputs = 1,
    .params_size = sizeof(divergence_params),
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = venn_divergence_cost,
};

void venn_divergence_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                              uint32_t need, venn_tensor *dx)
{
    const divergence_params p = params_of(n);
    divergence_params swapped = p;
    swapped.b = 1 - p.b;
    for (int i = 0; i < 2; i++)
        if (need >> i & 1) {
            venn_tensor in[] = {venn_in(n, i), venn_in(n, 1 - i), venn_in(n, 2), dy[0]};
            dx[i] = venn_op_apply(g, &divergence_backward, in, 4, i ? &swapped : &p, NULL);
        }
}

// ---- References ------------------------------------------------------------------------------

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

static double temperature_of(const venn_ref *r, const divergence_params *p)
{
    return r->x[2] ? r->x[2][0] : p->kl.temperature == 0 ? 1 : (double)p->kl.temperature;
}

static double factor_of(const venn_ref *r, const divergence_params *p)
{
    const double T = temperature_of(r, p);
    return reduction_scale(r->node, p) * (p->kl.t_squared ? T * T : 1);
}

// One row of both, with the logs of their sums.
typedef struct ref_row {
    const double *student, *teacher;
    double log_q, log_p, T;
    int64_t length;
} ref_row;

static ref_row row_of(const venn_ref *r, const divergence_params *p, int64_t row)
{
    const int64_t length = venn_rows_length(r->node->in[0]);
    const double T = temperature_of(r, p);
    const double *student = r->x[0] + row * length, *teacher = r->x[1] + row * length;
    return (ref_row){student, teacher, log_sum(student, length, T), log_sum(teacher, length, T),
                     T,       length};
}

static double at(const ref_row *row, venn_divergence_function f, double b, int64_t c)
{
    return f(row->teacher[c] / row->T - row->log_p, row->student[c] / row->T - row->log_q, b);
}

void venn_divergence_ref(const venn_ref *r)
{
    const venn_divergence *divergence = r->node->op->family;
    const divergence_params p = params_of(r->node);
    const int64_t rows = venn_rows_count(r->node->in[0]);
    if (!is_each(&p))
        r->y[0][0] = 0;
    for (int64_t i = 0; i < rows; i++) {
        const ref_row row = row_of(r, &p, i);
        long double loss = 0;
        for (int64_t c = 0; c < row.length; c++)
            loss += at(&row, divergence->term, (double)p.b, c);
        if (is_each(&p))
            r->y[0][i] = (double)loss * factor_of(r, &p);
        else
            r->y[0][0] += (double)loss * factor_of(r, &p);
    }
}

// dx of logits whose log softmax has the slope s: (s - softmax sum s) / T.
static void logit_slopes(const ref_row *row, venn_divergence_function slope, double b,
                         const double *logits, double log_all, double factor, double *dx)
{
    long double sum = 0;
    for (int64_t c = 0; c < row->length; c++) {
        dx[c] = at(row, slope, b, c);
        sum += dx[c];
    }
    for (int64_t c = 0; c < row->length; c++)
        dx[c] = (dx[c] - exp(logits[c] / row->T - log_all) * (double)sum) * factor / row->T;
}

void venn_divergence_ref_grad(const venn_ref *r)
{
    const venn_divergence *divergence = r->node->op->family;
    const divergence_params p = params_of(r->node);
    const int64_t rows = venn_rows_count(r->node->in[0]);
    for (int64_t i = 0; i < rows; i++) {
        const ref_row row = row_of(r, &p, i);
        const double factor = venn_loss_dy(r, is_each(&p), i) * factor_of(r, &p);
        if (r->dx[0])
            logit_slopes(&row, divergence->slope_q, (double)p.b, row.student, row.log_q, factor,
                         r->dx[0] + i * row.length);
        if (r->dx[1])
            logit_slopes(&row, divergence->slope_p, (double)p.b, row.teacher, row.log_p, factor,
                         r->dx[1] + i * row.length);
    }
}

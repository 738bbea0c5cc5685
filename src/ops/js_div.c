// js_div: loss[b] = beta KL(p || m) + (1 - beta) KL(q || m), m = beta p + (1 - beta) q
//         dstudent = (1 - beta) q (log(q / m) - KL(q || m)) / T dy scale; dteacher alike with beta
#include <math.h>

#define VENN_HOST
#include "divergence.comp"
#include "ops/divergence.h"

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_js_div_params, reduction), 1,
     venn_divergence_reductions,
     "sum / B: batchmean (default), sum / (B C): mean, sum, none (a loss per row)"},
    {"temperature", VENN_PARAM_FLOAT, offsetof(venn_js_div_params, temperature), 1, NULL,
     "T > 0, unless it is the third input; 0: 1"},
    {"t_squared", VENN_PARAM_BOOL, offsetof(venn_js_div_params, t_squared), 1, NULL,
     "multiply by T^2; 0: no"},
    {"beta", VENN_PARAM_FLOAT, offsetof(venn_js_div_params, beta), 1, NULL,
     "share of the teacher in the mixture, above 0 and below 1; 0: 0.5"},
    {0}};

static void split(const void *params_of, venn_kl_div_params *kl, float *b)
{
    const venn_js_div_params *p = params_of;
    *kl = (venn_kl_div_params){p->reduction, p->temperature, p->t_squared};
    *b = p->beta == 0 ? 0.5f : p->beta;
}

static bool shape(venn_node *n)
{
    const venn_js_div_params *p = n->params;
    if (!(p->beta >= 0 && p->beta < 1))
        return venn_node_error(n, "beta %g is not between 0 and 1", (double)p->beta);
    return venn_divergence_shape(n);
}

// log m.
static double log_mixture(double log_p, double log_q, double b)
{
    const double top = fmax(log_p, log_q);
    return top + log(b * exp(log_p - top) + (1 - b) * exp(log_q - top));
}

static double term(double log_p, double log_q, double b)
{
    const double log_m = log_mixture(log_p, log_q, b);
    return b * exp(log_p) * (log_p - log_m) + (1 - b) * exp(log_q) * (log_q - log_m);
}

static double slope_q(double log_p, double log_q, double b)
{
    return (1 - b) * exp(log_q) * (log_q - log_mixture(log_p, log_q, b));
}

static double slope_p(double log_p, double log_q, double b)
{
    return b * exp(log_p) * (log_p - log_mixture(log_p, log_q, b));
}

static const venn_divergence family = {
    .kind = DIVERGENCE_JS,
    .term = term,
    .slope_q = slope_q,
    .slope_p = slope_p,
    .split = split,
};

const venn_op_desc venn_op_js_div = {
    .name = "js_div",
    .summary =
        "beta KL(p || m) + (1 - beta) KL(q || m), m = beta p + (1 - beta) q; reduced over the rows",
    .inputs = {{"student"},
               {"teacher", VENN_F32, VENN_ANY, 0},
               {"temperature", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_js_div_params),
    .params = params,
    .family = &family,
    .shape = shape,
    .record = venn_divergence_record,
    .workspace = venn_divergence_workspace,
    .gradient = venn_divergence_gradient,
    .ref = venn_divergence_ref,
    .ref_grad = venn_divergence_ref_grad,
    .cost = venn_divergence_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_js_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                        venn_tensor temperature, const venn_js_div_params *p)
{
    venn_tensor in[] = {student, teacher, temperature};
    return venn_op_apply(g, &venn_op_js_div, in, 3, p, NULL);
}

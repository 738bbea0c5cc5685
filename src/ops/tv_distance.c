// tv_distance: loss[b] = sum_c |p - q| / 2, p = softmax(teacher / T), q = softmax(student / T)
//              dstudent = q (s - sum q s) / 2 T dy scale, s = -1 where q < p, else 1; dteacher alike
#include <math.h>

#define VENN_HOST
#include "divergence.comp"
#include "ops/divergence.h"

static double term(double log_p, double log_q, double b)
{
    (void)b;
    return fabs(exp(log_p) - exp(log_q)) / 2;
}

static double slope_q(double log_p, double log_q, double b)
{
    (void)b;
    return exp(log_q) * (log_q < log_p ? -1 : 1) / 2;
}

static double slope_p(double log_p, double log_q, double b)
{
    (void)b;
    return exp(log_p) * (log_p < log_q ? -1 : 1) / 2;
}

static const venn_divergence family = {
    .kind = DIVERGENCE_TV,
    .term = term,
    .slope_q = slope_q,
    .slope_p = slope_p,
};

const venn_op_desc venn_op_tv_distance = {
    .name = "tv_distance",
    .summary =
        "sum |p - q| / 2 of softmax(teacher / T) and softmax(student / T), reduced over the rows",
    .inputs = {{"student"},
               {"teacher", VENN_F32, VENN_ANY, 0},
               {"temperature", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_kl_div_params),
    .params = venn_divergence_params,
    .family = &family,
    .shape = venn_divergence_shape,
    .record = venn_divergence_record,
    .workspace = venn_divergence_workspace,
    .gradient = venn_divergence_gradient,
    .ref = venn_divergence_ref,
    .ref_grad = venn_divergence_ref_grad,
    .cost = venn_divergence_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_tv_distance(venn_graph *g, venn_tensor student, venn_tensor teacher,
                             venn_tensor temperature, const venn_kl_div_params *p)
{
    venn_tensor in[] = {student, teacher, temperature};
    return venn_op_apply(g, &venn_op_tv_distance, in, 3, p, NULL);
}

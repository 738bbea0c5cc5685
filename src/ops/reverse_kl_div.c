// reverse_kl_div: loss[b] = sum_c q (log q - log p), p = softmax(teacher / T), q = softmax(student / T)
//                 dstudent = q (log q - log p - loss[b]) / T dy scale, scale with T^2 if asked for
#include <math.h>

#define VENN_HOST
#include "divergence.comp"
#include "ops/divergence.h"

static double term(double log_p, double log_q, double b)
{
    (void)b;
    return exp(log_q) * (log_q - log_p);
}

static double slope_q(double log_p, double log_q, double b)
{
    (void)b;
    return exp(log_q) * (log_q - log_p + 1);
}

static const venn_divergence family = {
    .kind = DIVERGENCE_REVERSE,
    .term = term,
    .slope_q = slope_q,
};

const venn_op_desc venn_op_reverse_kl_div = {
    .name = "reverse_kl_div",
    .summary = "KL(softmax(student / T) || softmax(teacher / T)), reduced over the rows",
    .inputs = {{"student"},
               {"teacher", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
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

venn_tensor venn_reverse_kl_div(venn_graph *g, venn_tensor student, venn_tensor teacher,
                                venn_tensor temperature, const venn_kl_div_params *p)
{
    venn_tensor in[] = {student, teacher, temperature};
    return venn_op_apply(g, &venn_op_reverse_kl_div, in, 3, p, NULL);
}

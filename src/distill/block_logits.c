#include "distill/block_logits.h"
#include "venn/distill.h"
#include "venn/ops.h"

static const char *const reductions[] = {"batchmean", "mean", "sum", NULL};

const venn_method_param venn_logits_param_table[] = {
    VENN_PARAM_FLOAT(venn_logits_params, temperature, 1, 1e-3, 1e3, "T, softens both sides",
                     "1 as in the Modality Focusing Hypothesis; Hinton et al. use 1 to 20"),
    VENN_PARAM_FLOAT(venn_logits_params, ce_weight, 1, 0, 1e6,
                     "weight of the labels' cross-entropy",
                     "1 as in the Gaussian experiments of the Modality Focusing Hypothesis"),
    VENN_PARAM_FLOAT(venn_logits_params, kd_weight, 1, 0, 1e6,
                     "weight of the divergence from the teacher", "as ce_weight"),
    VENN_PARAM_ENUM(venn_logits_params, reduction, 0, reductions,
                    "of the divergence: sum over the batch and classes over B, over B C, or not "
                    "divided",
                    "the usual one; published code of the Modality Focusing Hypothesis has mean"),
    VENN_PARAM_BOOL(venn_logits_params, t_squared, 0,
                    "multiply the divergence by T^2, so that its gradient keeps its size",
                    "Hinton et al. multiply, the Modality Focusing Hypothesis does not"),
    {0}};

const venn_method_equation venn_logits_equations[] = {
    {"ce", "CE(y, z)"},
    {"kd", "KL(softmax(t / T) || softmax(z / T))"},
    {"loss", "ce_weight ce + kd_weight kd"},
    {0}};

// Sum over the classes of KL(Bernoulli(t) || Bernoulli(z)): the cross-entropy less the teacher's own entropy.
static venn_tensor yes_or_no(venn_graph *g, venn_tensor z, venn_tensor t,
                             const venn_logits_params *p)
{
    const venn_bce_with_logits_params sum = {.reduction = VENN_REDUCE_SUM};
    const venn_shape shape = venn_tensor_shape(g, z);
    const double over = p->reduction == 2   ? 1
                        : p->reduction == 1 ? (double)venn_shape_count(&shape)
                                            : (double)shape.dim[0];
    const float cold = (float)(1 / p->temperature);
    const double heat = p->t_squared ? p->temperature * p->temperature : 1;
    z = venn_scale(g, z, cold, 0);
    t = venn_stop_gradient(g, venn_scale(g, t, cold, 0));
    venn_tensor said = venn_sigmoid(g, t);
    return venn_scale(g,
                      venn_sub(g, venn_bce_with_logits(g, z, said, VENN_NONE, &sum),
                               venn_bce_with_logits(g, t, said, VENN_NONE, &sum)),
                      (float)(heat / over), 0);
}

venn_tensor venn_logits_loss(void *user, venn_step *s)
{
    static const venn_kl_reduction reduction[] = {VENN_KL_BATCHMEAN, VENN_KL_MEAN, VENN_KL_SUM};
    const venn_job *job = user;
    const venn_logits_params *p = job->params;
    venn_kl_div_params kl = {.temperature = (float)p->temperature,
                             .reduction = reduction[p->reduction],
                             .t_squared = p->t_squared};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor t = venn_step_apply(s, job->teacher, NULL);
    venn_tensor ce = venn_step_ce(s, z);
    venn_tensor kd = job->data->tags ? yes_or_no(s->g, z, t, p)
                                     : venn_kl_div(s->g, venn_step_place_rows(s, z),
                                                   venn_step_place_rows(s, t), VENN_NONE, &kl);
    venn_step_term(s, "kd", kd);
    return venn_add(s->g, venn_scale(s->g, ce, (float)p->ce_weight, 0),
                    venn_scale(s->g, kd, (float)p->kd_weight, 0));
}

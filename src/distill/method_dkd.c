// dkd: decoupled distillation. What the teacher says of the label against the rest, and among the rest.
//   loss = ce_weight CE(y, z) + T^2 (alpha KL(b(t) || b(z)) + beta KL(r(t) || r(z)))
#include "venn/distill.h"
#include "venn/ops.h"

typedef struct dkd_params {
    double ce_weight, alpha, beta, temperature;
} dkd_params;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(dkd_params, ce_weight, 1, 0, 1e6, "weight of the labels' cross-entropy",
                     "Zhao et al."),
    VENN_PARAM_FLOAT(dkd_params, alpha, 1, 0, 1e6, "weight of the label against the rest",
                     "Zhao et al."),
    VENN_PARAM_FLOAT(dkd_params, beta, 2, 0, 1e6, "weight of the classes among the rest",
                     "the least of Zhao et al., who choose up to 8 by the teacher's certainty"),
    VENN_PARAM_FLOAT(dkd_params, temperature, 4, 1e-3, 1e3, "T, softens both sides", "Zhao et al."),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"dkd",
     "T^2 (alpha KL(b(t) || b(z)) + beta KL(r(t) || r(z))), b(x) the probabilities of y and of "
     "all others in softmax(x / T), r(x) those of the others without y"},
    {"loss", "ce_weight ce + dkd"},
    {0}};

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const dkd_params *p = job->params;
    const venn_dkd_params parts = {
        .temperature = (float)p->temperature, .alpha = (float)p->alpha, .beta = (float)p->beta};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor t = venn_step_apply(s, job->teacher, NULL);
    venn_tensor ce = venn_scale(s->g, venn_step_ce(s, z), (float)p->ce_weight, 0);
    if (p->alpha + p->beta == 0) // to the op this means the defaults
        return ce;
    venn_tensor dkd = venn_dkd(s->g, z, t, venn_step_labels(s, NULL), &parts);
    venn_step_term(s, "dkd", dkd);
    return venn_add(s->g, ce, dkd);
}

const venn_method venn_method_dkd = {
    .name = "dkd",
    .summary =
        "ce_weight CE(y, z) + T^2 (alpha KL of the label against the rest + beta KL among the "
        "rest)",
    .reference = "Zhao, Cui, Song, Qiu, Liang: Decoupled Knowledge Distillation, CVPR 2022",
    .status = "baseline",
    .needs = VENN_NEEDS_TEACHER,
    .equations = equations,
    .params_size = sizeof(dkd_params),
    .params = params,
    .objective = {.loss = loss},
};

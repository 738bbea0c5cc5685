// tf-kd: teacher-free distillation. The student's own architecture is trained from the labels first; that copy,
// frozen, is the teacher, at a high temperature.
//   loss = (1 - alpha) CE(y, z) + alpha T^2 KL(softmax(self / T) || softmax(z / T))
#include "base/status.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef struct tf_kd_params {
    double alpha, temperature;
    bool t_squared;
    int pretrain_epochs;
} tf_kd_params;

typedef struct tf_kd_state {
    venn_net *self;
} tf_kd_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(tf_kd_params, alpha, 0.9, 0, 1, "share of the divergence from the copy",
                     "within the range of Yuan et al., who choose it per network"),
    VENN_PARAM_FLOAT(tf_kd_params, temperature, 20, 1e-3, 1e3, "T, softens both sides",
                     "Yuan et al. for most networks"),
    VENN_PARAM_BOOL(tf_kd_params, t_squared, 1, "multiply the divergence by T^2", "Yuan et al."),
    VENN_PARAM_INT(tf_kd_params, pretrain_epochs, 0, 0, 1e6,
                   "epochs of the copy's own training; 0: as many as the student's",
                   "Yuan et al. train both alike"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"kd", "KL(softmax(self / T) || softmax(z / T)), times T^2 with t_squared"},
    {"loss", "(1 - alpha) ce + alpha kd"},
    {0}};

static venn_tensor pretrain_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const tf_kd_state *state = job->state;
    return venn_step_ce(s, venn_step_apply(s, state->self, NULL));
}

// The copy sets out from where the student does.
static venn_status begin_pretraining(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    const tf_kd_state *state = job->state;
    return venn_net_copy(state->self, job->student);
}

static venn_status end_pretraining(venn_job *job, venn_job_stage *stage)
{
    const tf_kd_state *state = job->state;
    venn_evaluation test;
    VENN_TRY(venn_job_evaluate(job, state->self, stage->fit.data, VENN_TEST, &test));
    venn_job_measure(job, "self_accuracy", test.accuracy);
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    const tf_kd_params *p = job->params;
    tf_kd_state *state = job->state;
    VENN_TRY(venn_job_clone(job, "self", VENN_JOB_STUDENT, &state->self));
    venn_job_stage *pretrain = venn_job_add_stage(job, "pretrain");
    venn_job_stage *distil = venn_job_add_stage(job, "distilled");
    if (!pretrain || !distil)
        return VENN_OK; // the job keeps the error
    pretrain->main = state->self;
    pretrain->begin = begin_pretraining;
    pretrain->end = end_pretraining;
    pretrain->objective.loss = pretrain_loss;
    venn_stage_net(pretrain, job->student)->role = VENN_NET_FROZEN;
    if (p->pretrain_epochs)
        pretrain->fit.epochs = (uint32_t)p->pretrain_epochs;
    venn_stage_net(distil, state->self)->role = VENN_NET_FROZEN;
    venn_stage_net(distil, state->self)->cache = true;
    return VENN_OK;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const tf_kd_params *p = job->params;
    const tf_kd_state *state = job->state;
    const venn_kl_div_params kl = {.temperature = (float)p->temperature, .t_squared = p->t_squared};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor self = venn_step_apply(s, state->self, NULL);
    venn_tensor ce = venn_step_ce(s, z), kd = venn_kl_div(s->g, z, self, VENN_NONE, &kl);
    venn_step_term(s, "kd", kd);
    return venn_add(s->g, venn_scale(s->g, ce, (float)(1 - p->alpha), 0),
                    venn_scale(s->g, kd, (float)p->alpha, 0));
}

const venn_method venn_method_tf_kd = {
    .name = "tf-kd",
    .summary = "teacher-free: (1 - alpha) CE(y, z) + alpha T^2 KL(softmax(self / T) || softmax(z / "
               "T)), self an earlier training of the student",
    .reference = "Yuan, Tay, Li, Wang, Feng: Revisiting Knowledge Distillation via Label Smoothing "
                 "Regularization, CVPR 2020",
    .status = "baseline",
    .needs = VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(tf_kd_params),
    .params = params,
    .state_size = sizeof(tf_kd_state),
    .objective = {.loss = loss},
    .setup = setup,
};

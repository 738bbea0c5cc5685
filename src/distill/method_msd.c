// msd: modality-specific distillation. Teacher and student see all modalities; besides imitating the
// teacher on them, the student imitates it on each modality alone, the others' inputs zeroed, with weights
// by population or by each sample's saliency.
//   L = (1 - mix) CE(y, z) + mix KL(all) + mean over samples of sum_m w_m KL(m alone)
#include <string.h>

#include "base/status.h"
#include "distill/block_accuracy.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { INPUTS = 2 };

typedef enum weighting { POPULATION, SALIENCY, CONFIDENCE } weighting;

typedef struct msd_params {
    double mix, temperature, first, second;
    int weights, adapt;
    bool controls;
} msd_params;

typedef struct msd_state {
    venn_net *teacher; // the run's, or a copy that was taught to do with one modality
    venn_net *kd;      // distilled on complete inputs alone; NULL without controls
} msd_state;

static const char *const weightings[] = {"population", "saliency", "confidence", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(msd_params, mix, 0.5, 0, 1,
                     "share of the teacher in the loss on complete inputs",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(msd_params, temperature, 2, 1e-3, 1e3, "T, softens both sides",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(msd_params, first, 1, 0, 1e6,
                     "weight of imitating on the first modality alone",
                     "chosen here: the paper tunes it on validation data"),
    VENN_PARAM_FLOAT(msd_params, second, 1, 0, 1e6, "the same of the second", "as first"),
    VENN_PARAM_ENUM(
        msd_params, weights, SALIENCY, weightings,
        "population: the same for all samples; saliency: by how far the teacher's answer "
        "moves without the modality; confidence: by exp(-CE) of the teacher on it alone",
        "paper: by instance does better than by population"),
    VENN_PARAM_INT(
        msd_params, adapt, 4, 0, 100000,
        "epochs for which a copy of the teacher first learns the labels from each modality "
        "alone as well; 0: none",
        "chosen here: the paper's pretrained teachers know inputs without one modality"),
    VENN_PARAM_BOOL(msd_params, controls, 1,
                    "also train a student by the first two terms alone, to compare with",
                    "chosen here"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"kd", "KL(softmax(t / T) || softmax(z / T)) on all modalities"},
    {"first_alone",
     "mean of w_1 KL(softmax(t_1 / T) || softmax(z_1 / T)), the second input zeroed"},
    {"second_alone",
     "mean of w_2 KL(softmax(t_2 / T) || softmax(z_2 / T)), the first input zeroed"},
    {"saliency", "w_m = 2 S_m / (S_1 + S_2), S_m = KL(softmax(t) || softmax(t without m))"},
    {"loss", "(1 - mix) ce + mix kd + first_alone + second_alone"},
    {0}};

// ---- Inputs ----------------------------------------------------------------------------------

// The network on its modality number `only`, the other one zero; only INPUTS: on both.
static venn_tensor apply_to(venn_step *s, const venn_net *net, const char *const *modalities,
                            size_t only)
{
    venn_tensor x[INPUTS];
    for (size_t i = 0; i < INPUTS; i++) {
        x[i] = venn_step_x(s, NULL, modalities[i]);
        if (only != INPUTS && i != only)
            x[i] = venn_fill(s->g, venn_tensor_shape(s->g, x[i]), 0);
    }
    return venn_step_apply(s, net, &(venn_step_apply_params){.x = x});
}

// The teacher's input that is the student's modality number m; models may list them in another order.
static size_t teacher_input(const venn_job *job, size_t m)
{
    for (size_t i = 0; i < INPUTS; i++)
        if (strcmp(job->teacher_modalities[i], job->student_modalities[m]) == 0)
            return i;
    return m;
}

// ---- Loss ------------------------------------------------------------------------------------

static venn_kl_div_params softened(const msd_params *p, venn_kl_reduction reduction)
{
    return (venn_kl_div_params){
        .temperature = (float)p->temperature, .reduction = reduction, .t_squared = true};
}

// Per sample, for both modalities, to be normalised: t without m is t on the other one alone.
static void salience(venn_step *s, const msd_params *p, venn_tensor all, const venn_tensor *alone,
                     venn_tensor *w)
{
    const venn_kl_div_params kl = {.reduction = VENN_KL_NONE};
    const venn_cross_entropy_params ce = {.reduction = VENN_REDUCE_NONE};
    for (size_t m = 0; m < INPUTS; m++) {
        if (p->weights == SALIENCY)
            w[m] = venn_kl_div(s->g, alone[1 - m], all, VENN_NONE, &kl);
        else
            w[m] = venn_exp(
                s->g,
                venn_scale(s->g, venn_cross_entropy(s->g, alone[m], venn_step_labels(s, NULL), &ce),
                           -1, 0));
    }
}

// What is normalised is a constant: the teacher is frozen, and its inputs have no gradient.
static void weigh(venn_step *s, const msd_params *p, venn_tensor all, const venn_tensor *alone,
                  venn_tensor *w)
{
    const float tiny = 1e-12f; // where the teacher does not care at all
    if (p->weights == POPULATION) {
        w[0] = w[1] = VENN_NONE;
        return;
    }
    salience(s, p, all, alone, w);
    venn_tensor sum = venn_scale(s->g, venn_add(s->g, w[0], w[1]), 0.5f, tiny);
    for (size_t m = 0; m < INPUTS; m++)
        w[m] = venn_stop_gradient(s->g, venn_div(s->g, w[m], sum));
}

static venn_tensor imitate_alone(venn_step *s, const venn_job *job, size_t m, venn_tensor teacher,
                                 venn_tensor weight)
{
    const msd_params *p = job->params;
    const venn_kl_div_params kl = softened(p, VENN_KL_NONE);
    venn_tensor z = apply_to(s, job->student, job->student_modalities, m);
    venn_tensor rows = venn_kl_div(s->g, z, teacher, VENN_NONE, &kl);
    if (weight.id)
        rows = venn_mul(s->g, rows, weight);
    return venn_scale(s->g, venn_mean(s->g, rows, NULL), (float)(m ? p->second : p->first), 0);
}

// The student's loss on complete inputs, which is plain distillation.
static venn_tensor complete(venn_step *s, const venn_job *job, const venn_net *net,
                            venn_tensor teacher)
{
    const msd_params *p = job->params;
    const venn_kl_div_params kl = softened(p, VENN_KL_BATCHMEAN);
    venn_tensor z = venn_step_apply(s, net, NULL);
    venn_tensor ce = venn_step_ce(s, z), kd = venn_kl_div(s->g, z, teacher, VENN_NONE, &kl);
    venn_step_term(s, "kd", kd);
    return venn_add(s->g, venn_scale(s->g, ce, (float)(1 - p->mix), 0),
                    venn_scale(s->g, kd, (float)p->mix, 0));
}

// What makes a teacher worth imitating where a modality is missing.
static venn_tensor adapt_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const msd_state *state = job->state;
    venn_tensor z = venn_step_apply(s, state->teacher, NULL), sum = venn_step_ce(s, z);
    for (size_t m = 0; m < INPUTS; m++) {
        venn_tensor alone = apply_to(s, state->teacher, job->teacher_modalities, m);
        sum = venn_add(s->g, sum, venn_cross_entropy(s->g, alone, venn_step_labels(s, NULL), NULL));
    }
    return venn_scale(s->g, sum, 1.0f / (1 + INPUTS), 0);
}

static venn_tensor loss(void *user, venn_step *s)
{
    static const char *const names[INPUTS] = {"first_alone", "second_alone"};
    const venn_job *job = user;
    const msd_state *state = job->state;
    venn_tensor alone[INPUTS], weight[INPUTS];
    venn_tensor all = venn_step_apply(s, state->teacher, NULL);
    venn_tensor sum = complete(s, job, job->student, all);
    for (size_t m = 0; m < INPUTS; m++)
        alone[m] = apply_to(s, state->teacher, job->teacher_modalities, teacher_input(job, m));
    weigh(s, job->params, all, alone, weight);
    for (size_t m = 0; m < INPUTS; m++) {
        venn_tensor term = imitate_alone(s, job, m, alone[m], weight[m]);
        venn_step_term(s, names[m], term);
        sum = venn_add(s->g, sum, term);
    }
    return sum;
}

static venn_tensor control_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const msd_state *state = job->state;
    return complete(s, job, state->kd, venn_step_apply(s, state->teacher, NULL));
}

// ---- With a modality missing -----------------------------------------------------------------

static void build_alone(const venn_job *job, const venn_net *net, venn_step *s, venn_tensor *z)
{
    for (size_t m = 0; m < INPUTS; m++)
        z[m] = apply_to(s, net, job->student_modalities, m);
}

static void build_student(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    build_alone(job, job->student, s, z);
}

static void build_control(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    const msd_state *state = job->state;
    build_alone(job, state->kd, s, z);
    z[INPUTS] = venn_step_apply(s, state->kd, NULL);
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_measure_accuracies(job, INPUTS, venn_alone_accuracy, job, build_student);
}

static venn_status measure_control(venn_job *job, venn_job_stage *stage)
{
    static const char *const names[] = {"kd_first_alone_accuracy", "kd_second_alone_accuracy",
                                        "kd_accuracy"};
    (void)stage;
    return venn_measure_accuracies(job, INPUTS + 1, names, job, build_control);
}

// ---- Stages ----------------------------------------------------------------------------------

static venn_status check_inputs(const venn_job *job)
{
    if (job->n_student_inputs != INPUTS || job->n_teacher_inputs != INPUTS)
        return venn_fail(VENN_BAD_ARG,
                         "teacher and student take two modalities each, these take %zu "
                         "and %zu",
                         job->n_teacher_inputs, job->n_student_inputs);
    for (size_t m = 0; m < INPUTS; m++)
        if (strcmp(job->student_modalities[m], job->teacher_modalities[teacher_input(job, m)]) != 0)
            return venn_fail(VENN_BAD_ARG, "the teacher does not take the student's %s",
                             job->student_modalities[m]);
    return VENN_OK;
}

// Nothing trains in the stage but `net`.
static venn_job_stage *add_stage(venn_job *job, const char *name, venn_net *net)
{
    const msd_state *state = job->state;
    venn_net *const all[] = {job->student, state->teacher, state->kd};
    venn_job_stage *stage = venn_job_add_stage(job, name);
    if (!stage)
        return NULL; // the job keeps the error
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i])
            venn_stage_net(stage, all[i])->role = all[i] == net ? VENN_NET_TRAINS : VENN_NET_FROZEN;
    stage->main = net;
    return stage;
}

static venn_status begin_adapting(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_net_copy(((msd_state *)job->state)->teacher, job->teacher);
}

static venn_status setup(venn_job *job)
{
    const msd_params *p = job->params;
    msd_state *state = job->state;
    VENN_TRY(check_inputs(job));
    state->teacher = job->teacher;
    if (p->adapt)
        VENN_TRY(venn_job_clone(job, "adapted", VENN_JOB_TEACHER, &state->teacher));
    if (p->controls)
        VENN_TRY(venn_job_clone(job, "kd", VENN_JOB_STUDENT, &state->kd));
    venn_job_stage *adapt = p->adapt ? add_stage(job, "teacher", state->teacher) : NULL;
    if (adapt) {
        adapt->fit.epochs = (uint32_t)p->adapt;
        adapt->objective.loss = adapt_loss;
        adapt->begin = begin_adapting;
    }
    venn_job_stage *control = p->controls ? add_stage(job, "kd", state->kd) : NULL;
    if (control) {
        control->objective.loss = control_loss;
        control->end = measure_control;
    }
    venn_job_stage *stage = add_stage(job, "distilled", job->student);
    if (stage)
        stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_msd = {
    .name = "msd",
    .summary =
        "distillation on all modalities and on each alone, weighted by saliency: (1 - mix) CE "
        "+ mix KL(all) + sum_m w_m KL(m alone)",
    .reference = "Jin et al.: MSD: Saliency-aware Knowledge Distillation for Multimodal "
                 "Understanding, Findings of EMNLP 2021",
    .status = "target met: beats plain distillation where a modality is missing",
    .needs = VENN_NEEDS_TEACHER | VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(msd_params),
    .params = params,
    .state_size = sizeof(msd_state),
    .objective = {.loss = loss},
    .setup = setup,
};

// mke: multimodal knowledge expansion. A teacher of one modality, trained on few labels, labels all other
// pairs; a student of several modalities learns from these pseudo labels, with noise on its inputs, and
// corrects them.
//   loss = CE(pseudo, f(x + noise)) + consistency_weight KL(softmax(f(x)) || softmax(f(x + noise)))
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef struct mke_params {
    double labelled, noise, consistency_weight;
    int teacher_epochs;
    bool soft, controls;
} mke_params;

typedef struct mke_state {
    venn_net *teacher, *unimodal, *plain;
    int64_t *labelled, *rest; // rows of the training split
    int64_t n_labelled, n_rest;
    venn_dataset *pseudo; // the rest, as the teacher labels them
} mke_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(mke_params, labelled, 0.1, 1e-6, 0.99,
                     "share of the training pairs whose labels the teacher sees, drawn by the seed",
                     "the two-moon experiment of the official code"),
    VENN_PARAM_FLOAT(mke_params, noise, 1, 0, 100,
                     "alpha: noise of alpha mean|x| N(0, 1) on every input of the students",
                     "the two-moon experiment of the official code"),
    VENN_PARAM_FLOAT(
        mke_params, consistency_weight, 0, 0, 1e6,
        "weight of the divergence between clean and noisy predictions",
        "0 as in the two-moon code; the paper has such a term, its weight was not found"),
    VENN_PARAM_INT(mke_params, teacher_epochs, 0, 0, 1e6,
                   "epochs of the teacher; 0: as many as the student's", "chosen here"),
    VENN_PARAM_BOOL(mke_params, soft, 0,
                    "learn from the teacher's probabilities instead of its classes",
                    "the paper's experiments use classes"),
    VENN_PARAM_BOOL(
        mke_params, controls, 0,
        "train as well: a student of the teacher's kind (measure unimodal_accuracy), and one "
        "of the student's kind without noise (plain_accuracy)",
        "the paper's comparisons, off to save time"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(pseudo, f(x + noise)), pseudo = argmax of the teacher, or its probabilities; of the "
           "teacher: CE(y, g(x))"},
    {"consistency", "KL(softmax(f(x)) || softmax(f(x + noise))), f(x) a constant"},
    {"loss", "ce + consistency_weight consistency"},
    {0}};

// ---- Steps -----------------------------------------------------------------------------------

static venn_tensor noisy(venn_step *s, venn_tensor x, double alpha)
{
    venn_tensor spread = venn_mean(s->g, venn_abs(s->g, x), NULL);
    venn_tensor z = venn_random_normal(s->g, venn_tensor_shape(s->g, x), 0, 1);
    venn_tensor noise = venn_mul(s->g, z, venn_scale(s->g, spread, (float)alpha, 0));
    return venn_add(s->g, x, noise);
}

static venn_tensor apply_noisy(venn_step *s, const venn_net *net, const char *const *modalities,
                               double alpha)
{
    venn_tensor x[VENN_MAX_RANK];
    size_t n = venn_net_n_branches(net);
    for (size_t i = 0; i < n && i < VENN_MAX_RANK; i++)
        x[i] = noisy(s, venn_step_x(s, NULL, modalities[i]), alpha);
    return venn_step_apply(s, net, &(venn_step_apply_params){.x = x});
}

// Labels of the stage's data are the teacher's classes.
static venn_tensor imitate(const venn_job *job, venn_step *s, venn_tensor z)
{
    const mke_params *p = job->params;
    const mke_state *state = job->state;
    if (!p->soft)
        return venn_step_ce(s, z);
    venn_tensor target = venn_softmax(s->g, venn_step_apply(s, state->teacher, NULL));
    venn_tensor loss = venn_soft_cross_entropy(s->g, z, target, NULL);
    venn_step_term(s, "ce", loss);
    return loss;
}

static venn_tensor teacher_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mke_state *state = job->state;
    return venn_step_ce(s, venn_step_apply(s, state->teacher, NULL));
}

static venn_tensor unimodal_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mke_params *p = job->params;
    const mke_state *state = job->state;
    return imitate(job, s, apply_noisy(s, state->unimodal, job->teacher_modalities, p->noise));
}

static venn_tensor plain_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mke_state *state = job->state;
    return imitate(job, s, venn_step_apply(s, state->plain, NULL));
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mke_params *p = job->params;
    venn_tensor z = p->noise > 0 ? apply_noisy(s, job->student, job->student_modalities, p->noise)
                                 : venn_step_apply(s, job->student, NULL);
    venn_step_count(s, z);
    venn_tensor ce = imitate(job, s, z);
    if (p->consistency_weight == 0)
        return ce;
    venn_tensor clean = venn_step_apply(s, job->student, NULL);
    venn_tensor consistency = venn_kl_div(s->g, z, clean, VENN_NONE, NULL);
    venn_step_term(s, "consistency", consistency);
    return venn_add(s->g, ce, venn_scale(s->g, consistency, (float)p->consistency_weight, 0));
}

// ---- Data ------------------------------------------------------------------------------------

static venn_status draw_rows(venn_job *job)
{
    const mke_params *p = job->params;
    mke_state *state = job->state;
    const int64_t n = job->data->split[VENN_TRAIN].n;
    const int64_t few = (int64_t)llround(p->labelled * (double)n);
    venn_rng rng = venn_rng_make(job->seed, 0x6d6b65, 0);
    uint32_t *order = venn_alloc((size_t)n, sizeof *order);
    state->labelled = venn_alloc((size_t)n, sizeof *state->labelled);
    if (!order || !state->labelled) {
        free(order);
        return VENN_NO_MEMORY;
    }
    state->n_labelled = few < 1 ? 1 : few > n - 1 ? n - 1 : few;
    state->n_rest = n - state->n_labelled;
    state->rest = state->labelled + state->n_labelled;
    venn_rng_permutation(&rng, order, (uint32_t)n);
    for (int64_t i = 0; i < n; i++)
        state->labelled[i] = order[i];
    free(order);
    return VENN_OK;
}

static venn_status select_rows(venn_job *job, const int64_t *rows, int64_t n, const int32_t *labels,
                               venn_dataset **out)
{
    const venn_selection select[VENN_SPLITS] = {{.rows = rows, .n = n, .labels = labels}};
    VENN_TRY(venn_dataset_select(out, job->data, select));
    venn_job_own_data(job, *out);
    return VENN_OK;
}

static venn_status classify(venn_job *job, int32_t *labels)
{
    mke_state *state = job->state;
    const size_t n = (size_t)state->n_rest, classes = (size_t)job->data->class_count;
    const venn_split *split = &state->pseudo->split[VENN_TRAIN];
    float *logits = venn_alloc(n * classes, sizeof *logits);
    venn_status status =
        logits ? venn_job_forward(job, state->teacher, state->pseudo, VENN_TRAIN, logits)
               : VENN_NO_MEMORY;
    int64_t right = 0;
    for (size_t i = 0; status == VENN_OK && i < n; i++) {
        const float *z = logits + i * classes;
        labels[i] = 0;
        for (size_t c = 1; c < classes; c++)
            if (z[c] > z[labels[i]])
                labels[i] = (int32_t)c;
        right += labels[i] == job->data->split[VENN_TRAIN].labels[state->rest[i]];
    }
    free(logits);
    venn_job_measure(job, "pseudo_accuracy", (double)right / (double)split->n);
    return status;
}

static venn_status measure(venn_job *job, const venn_net *net, const char *name)
{
    venn_evaluation test;
    VENN_TRY(venn_job_evaluate(job, net, job->data, VENN_TEST, &test));
    venn_job_measure(job, name, test.accuracy);
    return VENN_OK;
}

static venn_status end_teacher(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    mke_state *state = job->state;
    int32_t *labels = venn_alloc((size_t)state->n_rest, sizeof *labels);
    venn_status status = labels ? classify(job, labels) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = select_rows(job, state->rest, state->n_rest, labels, &state->pseudo);
    free(labels);
    return status < 0 ? status : measure(job, state->teacher, "teacher_accuracy");
}

static venn_status begin_student(venn_job *job, venn_job_stage *stage)
{
    const mke_state *state = job->state;
    stage->fit.data = state->pseudo;
    return VENN_OK;
}

static venn_status end_unimodal(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return measure(job, ((mke_state *)job->state)->unimodal, "unimodal_accuracy");
}

static venn_status end_plain(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return measure(job, ((mke_state *)job->state)->plain, "plain_accuracy");
}

// ---- Stages ----------------------------------------------------------------------------------

// One network trains on some rows, as far as they go in one batch; all others stay as they are.
static venn_job_stage *add_stage(venn_job *job, const char *name, venn_net *net,
                                 const venn_dataset *data)
{
    const mke_state *state = job->state;
    venn_net *const all[] = {job->student, state->teacher, state->unimodal, state->plain};
    const int64_t n = data->split[VENN_TRAIN].n;
    venn_job_stage *stage = venn_job_add_stage(job, name);
    if (!stage)
        return NULL;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] && all[i] != net)
            venn_stage_net(stage, all[i])->role = VENN_NET_FROZEN;
    stage->main = net;
    stage->fit.data = data;
    if (stage->fit.batch > n)
        stage->fit.batch = (uint32_t)n;
    return stage;
}

static venn_status add_student(venn_job *job, const char *name, venn_net *net,
                               venn_tensor (*objective)(void *, venn_step *),
                               venn_status (*end)(venn_job *, venn_job_stage *))
{
    const mke_params *p = job->params;
    const mke_state *state = job->state;
    venn_job_stage *stage = add_stage(job, name, net, state->pseudo);
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->objective.loss = objective;
    stage->begin = begin_student;
    stage->end = end;
    venn_stage_net(stage, state->teacher)->cache = p->soft;
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    const mke_params *p = job->params;
    mke_state *state = job->state;
    venn_dataset *few;
    VENN_TRY(draw_rows(job));
    VENN_TRY(select_rows(job, state->labelled, state->n_labelled, NULL, &few));
    // True labels of the rest never get near a training.
    int32_t *none = venn_alloc((size_t)state->n_rest, sizeof *none);
    venn_status status =
        none ? select_rows(job, state->rest, state->n_rest, none, &state->pseudo) : VENN_NO_MEMORY;
    free(none);
    VENN_TRY(status);
    VENN_TRY(venn_job_clone(job, "teacher", VENN_JOB_TEACHER, &state->teacher));
    if (p->controls) {
        VENN_TRY(venn_job_clone(job, "unimodal", VENN_JOB_TEACHER, &state->unimodal));
        VENN_TRY(venn_job_clone(job, "plain", VENN_JOB_STUDENT, &state->plain));
    }
    venn_job_stage *teacher = add_stage(job, "teacher", state->teacher, few);
    if (!teacher)
        return VENN_OK;
    teacher->objective.loss = teacher_loss;
    teacher->end = end_teacher;
    if (p->teacher_epochs)
        teacher->fit.epochs = (uint32_t)p->teacher_epochs;
    if (p->controls) {
        VENN_TRY(add_student(job, "unimodal", state->unimodal, unimodal_loss, end_unimodal));
        VENN_TRY(add_student(job, "plain", state->plain, plain_loss, end_plain));
    }
    return add_student(job, "distilled", job->student, loss, NULL);
}

static void finish(venn_job *job)
{
    free(((mke_state *)job->state)->labelled);
}

const venn_method venn_method_mke = {
    .name = "mke",
    .summary = "a teacher of few labels and one modality labels the rest; a student of several "
               "modalities learns from that with noise: CE(pseudo, f(x + noise))",
    .reference = "Xue, Ren, Gao, Zhao: Multimodal Knowledge Expansion, ICCV 2021",
    .status = "target met: two moons, gain over the unimodal student and over no noise",
    .needs = VENN_NEEDS_SECOND_MODEL | VENN_NEEDS_NO_LABELS | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(mke_params),
    .params = params,
    .state_size = sizeof(mke_state),
    .objective = {.loss = loss},
    .setup = setup,
    .finish = finish,
};

// mind: modality-informed distillation. Ensembles of teachers of one modality each are compressed into one small
// student of all, which has a head per modality beside the fused one: each head learns from its teachers.
//   L = CE(y, z) + sum_m w_m (alpha CE(y, z_m) + (1 - alpha) T^2 KL(p_m || softmax(z_m / T)))
//   p_m = mean over the teachers k of modality m of softmax(t_mk / T)
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/block_late_fusion.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = LATE_FUSION_MAX, MOST_TEACHERS = 4, NAME = 64 };

typedef struct mind_params {
    const char *teachers;
    double alpha, temperature, fused, first, second, third, fourth;
    int teacher_epochs;
    bool controls;
} mind_params;

// What a modality has: its place in the student, its head there, its teachers, and the control.
typedef struct informed {
    venn_net *head, *teacher[MOST_TEACHERS], *small, *small_head;
} informed;

typedef struct mind_state {
    size_t n, n_teachers; // modalities, teachers of each
    informed at[MOST];
} mind_state;

static const venn_method_param params[] = {
    VENN_PARAM_TEXT(mind_params, teachers, NULL,
                    "networks that end in logits, by their names with blanks between them: every "
                    "modality has a teacher of each",
                    "no default: teachers of various sizes are the point"),
    VENN_PARAM_FLOAT(mind_params, alpha, 0.5, 0, 1,
                     "share of the labels in the modalities' heads; 1: no teachers are trained",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(mind_params, temperature, 2, 1e-3, 1e3, "T, softens both sides",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(mind_params, fused, 0, 0, 1e6,
                     "weight of all teachers' mean for the fused head",
                     "chosen here: the paper's abstract has teachers for modalities"),
    VENN_PARAM_FLOAT(mind_params, first, 1, 0, 1e6,
                     "weight of the first modality's head; raise a weak one's to balance",
                     "chosen here"),
    VENN_PARAM_FLOAT(mind_params, second, 1, 0, 1e6, "of the second's", "chosen here"),
    VENN_PARAM_FLOAT(mind_params, third, 1, 0, 1e6, "of the third's", "chosen here"),
    VENN_PARAM_FLOAT(mind_params, fourth, 1, 0, 1e6, "of the fourth's", "chosen here"),
    VENN_PARAM_INT(mind_params, teacher_epochs, 0, 0, 1e6,
                   "epochs of every teacher; 0: as many as the student's", "chosen here"),
    VENN_PARAM_BOOL(
        mind_params, controls, 0,
        "train the student's encoders and heads each alone as well (measures small_...)",
        "the paper's comparison, off to save time"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z), z of the fused head; of a teacher: CE(y, t_mk); of the control: sum_m CE"},
    {"alone_ce", "sum_m w_m CE(y, z_m), z_m = W_m e_m + b_m"},
    {"kd", "sum_m w_m T^2 KL(p_m || softmax(z_m / T)), p_m = mean_k softmax(t_mk / T)"},
    {"fused_kd", "T^2 KL(mean_m p_m || softmax(z / T))"},
    {"loss", "ce + alpha alone_ce + (1 - alpha) kd + fused fused_kd"},
    {0}};

static const char *const small[MOST] = {"small_first_accuracy", "small_second_accuracy",
                                        "small_third_accuracy", "small_fourth_accuracy"};
static const char *const ensembles[MOST] = {"first_teachers_accuracy", "second_teachers_accuracy",
                                            "third_teachers_accuracy", "fourth_teachers_accuracy"};
static const char *const stages[MOST][MOST_TEACHERS] = {
    {"teacher-1-1", "teacher-1-2", "teacher-1-3", "teacher-1-4"},
    {"teacher-2-1", "teacher-2-2", "teacher-2-3", "teacher-2-4"},
    {"teacher-3-1", "teacher-3-2", "teacher-3-3", "teacher-3-4"},
    {"teacher-4-1", "teacher-4-2", "teacher-4-3", "teacher-4-4"}};

// ---- Predictions -----------------------------------------------------------------------------

// Gives the fused logits and those of the modalities' heads.
static venn_tensor student_logits(const venn_job *job, venn_step *s, venn_tensor *z)
{
    const mind_state *state = job->state;
    venn_tensor e[MOST] = {{0}}, fused = venn_late_fusion_apply(job->student, s, e);
    for (size_t m = 0; m < state->n; m++)
        z[m] = venn_step_apply(s, state->at[m].head, &(venn_step_apply_params){.x = &e[m]});
    return fused;
}

// p_m: what the modality's teachers say, on the mean.
static venn_tensor taught(const venn_job *job, venn_step *s, size_t m)
{
    const mind_params *p = job->params;
    const mind_state *state = job->state;
    venn_tensor sum = VENN_NONE;
    for (size_t k = 0; k < state->n_teachers; k++) {
        venn_tensor t = venn_step_apply(s, state->at[m].teacher[k], NULL);
        venn_tensor q = venn_softmax(s->g, venn_scale(s->g, t, 1 / (float)p->temperature, 0));
        sum = k ? venn_add(s->g, sum, q) : q;
    }
    return venn_stop_gradient(s->g, venn_scale(s->g, sum, 1 / (float)state->n_teachers, 0));
}

static void build_alone(void *user, venn_step *s, venn_tensor *z)
{
    student_logits(user, s, z);
}

static void build_ensembles(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    for (size_t m = 0; m < ((const mind_state *)job->state)->n; m++)
        z[m] = taught(job, s, m);
}

static void build_small(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    const mind_state *state = job->state;
    for (size_t m = 0; m < state->n; m++) {
        venn_tensor e = venn_step_apply(s, state->at[m].small, NULL);
        z[m] = venn_step_apply(s, state->at[m].small_head, &(venn_step_apply_params){.x = &e});
    }
}

// ---- Losses ----------------------------------------------------------------------------------

// T^2 KL(p || softmax(z / T)) of probabilities p.
static venn_tensor divergence(venn_step *s, venn_tensor p, venn_tensor z, double temperature)
{
    const float t = (float)temperature, tiny = 1e-30f; // 0 log 0 is to be 0
    venn_tensor cross = venn_soft_cross_entropy(s->g, venn_scale(s->g, z, 1 / t, 0), p, NULL);
    venn_tensor products = venn_mul(s->g, p, venn_log(s->g, venn_clamp(s->g, p, tiny, 1)));
    const float rows = (float)venn_tensor_shape(s->g, z).dim[0];
    venn_tensor own = venn_scale(s->g, venn_sum(s->g, products, NULL), 1 / rows, 0);
    return venn_scale(s->g, venn_add(s->g, cross, own), t * t, 0);
}

static venn_tensor weighted_sum(venn_step *s, venn_tensor sum, venn_tensor value, double weight)
{
    venn_tensor one = venn_scale(s->g, value, (float)weight, 0);
    return sum.id ? venn_add(s->g, sum, one) : one;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mind_params *p = job->params;
    const mind_state *state = job->state;
    const double weight[MOST] = {p->first, p->second, p->third, p->fourth};
    venn_tensor z[MOST] = {{0}}, fused = student_logits(job, s, z), single = VENN_NONE,
                kd = VENN_NONE, all = VENN_NONE;
    venn_tensor sum = venn_step_ce(s, fused);
    for (size_t m = 0; m < state->n; m++) {
        venn_tensor ce = venn_cross_entropy(s->g, z[m], venn_step_labels(s, NULL), NULL);
        single = weighted_sum(s, single, ce, weight[m]);
        if (state->n_teachers == 0)
            continue;
        venn_tensor q = taught(job, s, m);
        kd = weighted_sum(s, kd, divergence(s, q, z[m], p->temperature), weight[m]);
        all = weighted_sum(s, all, q, 1.0 / (double)state->n);
    }
    venn_step_term(s, "alone_ce", single);
    sum = weighted_sum(s, sum, single, p->alpha);
    if (state->n_teachers == 0)
        return sum;
    venn_step_term(s, "kd", kd);
    sum = weighted_sum(s, sum, kd, 1 - p->alpha);
    if (p->fused == 0)
        return sum;
    venn_tensor fused_kd = divergence(s, all, fused, p->temperature);
    venn_step_term(s, "fused_kd", fused_kd);
    return weighted_sum(s, sum, fused_kd, p->fused);
}

// The stage's main network is the teacher that learns.
static venn_tensor teacher_loss(void *user, venn_step *s)
{
    venn_tensor z = venn_step_apply(s, user, NULL);
    return venn_step_ce(s, z);
}

static venn_tensor small_loss(void *user, venn_step *s)
{
    venn_tensor z[MOST] = {{0}}, sum = VENN_NONE;
    const size_t n = ((const mind_state *)((const venn_job *)user)->state)->n;
    build_small(user, s, z);
    for (size_t m = 0; m < n; m++) {
        venn_tensor ce = venn_cross_entropy(s->g, z[m], venn_step_labels(s, NULL), NULL);
        sum = weighted_sum(s, sum, ce, 1);
    }
    venn_step_count(s, z[0]);
    venn_step_term(s, "ce", sum);
    return sum;
}

static venn_tensor small_predict(void *user, venn_step *s)
{
    venn_tensor z[MOST] = {{0}};
    build_small(user, s, z);
    return z[0];
}

// ---- Stages ----------------------------------------------------------------------------------

static venn_status measure_small(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_measure_accuracies(job, ((mind_state *)job->state)->n, small, job, build_small);
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    const mind_state *state = job->state;
    (void)stage;
    if (state->n_teachers)
        VENN_TRY(venn_measure_accuracies(job, state->n, ensembles, job, build_ensembles));
    return venn_measure_accuracies(job, state->n, venn_alone_accuracy, job, build_alone);
}

// Nothing trains but these; every other network of the job stays as it is.
static void only(venn_job *job, venn_job_stage *stage, size_t n, venn_net *const *trains)
{
    const mind_state *state = job->state;
    venn_net *all[2 + MOST * (MOST_TEACHERS + 3)];
    size_t count = 0;
    all[count++] = job->student;
    for (size_t m = 0; m < state->n; m++) {
        const informed *at = &state->at[m];
        all[count++] = at->head;
        all[count++] = at->small;
        all[count++] = at->small_head;
        for (size_t k = 0; k < state->n_teachers; k++)
            all[count++] = at->teacher[k];
    }
    for (size_t i = 0; i < count; i++) {
        bool among = false;
        for (size_t k = 0; k < n; k++)
            among |= all[i] == trains[k];
        if (all[i])
            venn_stage_net(stage, all[i])->role = among ? VENN_NET_TRAINS : VENN_NET_FROZEN;
    }
}

static void add_teacher(venn_job *job, size_t m, size_t k)
{
    const mind_params *p = job->params;
    const mind_state *state = job->state;
    venn_net *teacher = state->at[m].teacher[k];
    venn_job_stage *stage = venn_job_add_stage(job, stages[m][k]);
    if (!stage)
        return; // the job keeps the error
    only(job, stage, 1, &teacher);
    stage->main = teacher;
    stage->objective = (venn_objective){.user = teacher, .loss = teacher_loss};
    if (p->teacher_epochs)
        stage->fit.epochs = (uint32_t)p->teacher_epochs;
}

static void add_small(venn_job *job)
{
    const mind_state *state = job->state;
    venn_net *trains[2 * MOST];
    venn_job_stage *stage = venn_job_add_stage(job, "small");
    if (!stage)
        return;
    for (size_t m = 0; m < state->n; m++) {
        trains[2 * m] = state->at[m].small;
        trains[2 * m + 1] = state->at[m].small_head;
    }
    only(job, stage, 2 * state->n, trains);
    stage->main = state->at[0].small;
    stage->objective = (venn_objective){.user = job, .loss = small_loss, .predict = small_predict};
    stage->fit.keep_last = true; // they have no best epoch in common
    stage->end = measure_small;
}

static void add_student(venn_job *job)
{
    const mind_state *state = job->state;
    venn_net *trains[MOST + 1];
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return;
    for (size_t m = 0; m < state->n; m++)
        trains[m] = state->at[m].head;
    trains[state->n] = job->student;
    only(job, stage, state->n + 1, trains);
    for (size_t m = 0; m < state->n; m++)
        for (size_t k = 0; k < state->n_teachers; k++)
            venn_stage_net(stage, state->at[m].teacher[k])->cache = true;
    stage->end = measure;
}

// ---- Networks --------------------------------------------------------------------------------

static venn_shape sample_of(const venn_job *job, size_t m)
{
    return venn_net_input_shape(job->student, m);
}

// One teacher of each modality, by the name of its network.
static venn_status create_teachers(venn_job *job, const char *network)
{
    mind_state *state = job->state;
    const size_t k = state->n_teachers;
    if (k == MOST_TEACHERS)
        return venn_fail(VENN_BAD_ARG, "method mind: more than %d teachers", MOST_TEACHERS);
    for (size_t m = 0; m < state->n; m++)
        VENN_TRY(venn_job_config_net(job, stages[m][k], network, sample_of(job, m),
                                     job->student_modalities[m], &state->at[m].teacher[k]));
    state->n_teachers++;
    return VENN_OK;
}

static venn_status create_ensembles(venn_job *job)
{
    const mind_params *p = job->params;
    if (p->alpha == 1 && p->fused == 0)
        return VENN_OK;
    for (const char *at = p->teachers ? p->teachers : ""; *at;) {
        char name[NAME];
        size_t length = strcspn(at, " ");
        if (length >= sizeof name)
            return venn_fail(VENN_BAD_ARG, "method mind: a name in teachers is too long: %s", at);
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (length)
            VENN_TRY(create_teachers(job, name));
        at += length + (at[length] == ' ');
    }
    return ((mind_state *)job->state)->n_teachers
               ? VENN_OK
               : venn_fail(VENN_BAD_ARG,
                           "method mind: teachers names no network; give the names of "
                           "some, or alpha: 1");
}

static venn_status create_heads(venn_job *job, size_t m, bool controls)
{
    static const char *const names[MOST][3] = {{"head-1", "small-1", "small-head-1"},
                                               {"head-2", "small-2", "small-head-2"},
                                               {"head-3", "small-3", "small-head-3"},
                                               {"head-4", "small-4", "small-head-4"}};
    informed *at = &((mind_state *)job->state)->at[m];
    venn_shape features;
    const int32_t classes = job->data->class_count;
    VENN_TRY(venn_net_place(job->student, venn_net_branch_end(job->student, m), &features));
    if (features.rank != 1)
        return venn_fail(VENN_BAD_ARG, "method mind: the student's networks must end in vectors");
    VENN_TRY(venn_job_linear(job, names[m][0], features.dim[0], classes, &at->head));
    if (!controls)
        return VENN_OK;
    VENN_TRY(venn_job_input_net(job, names[m][1], VENN_JOB_STUDENT, m, &at->small));
    return venn_job_linear(job, names[m][2], features.dim[0], classes, &at->small_head);
}

static venn_status setup(venn_job *job)
{
    const mind_params *p = job->params;
    mind_state *state = job->state;
    state->n = job->n_student_inputs;
    if (state->n < 2 || state->n > MOST)
        return venn_fail(VENN_BAD_ARG, "method mind: the student needs 2 to %d inputs", MOST);
    VENN_TRY(create_ensembles(job));
    for (size_t m = 0; m < state->n; m++)
        VENN_TRY(create_heads(job, m, p->controls));
    for (size_t m = 0; m < state->n; m++)
        for (size_t k = 0; k < state->n_teachers; k++)
            add_teacher(job, m, k);
    if (p->controls)
        add_small(job);
    add_student(job);
    return VENN_OK;
}

const venn_method venn_method_mind = {
    .name = "mind",
    .summary = "ensembles of one-modality teachers into a student with a head per modality: CE + "
               "sum_m (alpha CE_m + (1 - alpha) T^2 KL(mean teacher || z_m))",
    .reference = "Guerra-Manzanares, Shamout: MIND: Modality-Informed Knowledge Distillation "
                 "Framework for Multimodal Clinical Prediction Tasks, TMLR 2025",
    .status = "reconstructed from the abstract; its directions are measured",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(mind_params),
    .params = params,
    .state_size = sizeof(mind_state),
    .objective = {.loss = loss},
    .setup = setup,
};

// cmd: cross-modal mutual distillation without labels. Every view (input) of a sequence has an encoder that learns by
// contrast against a queue of keys, which a slow average of the encoder makes; and how a key lies among the queue
// in one view teaches the encoders of the others.
//   loss = sum over views m of InfoNCE(q_m, k_m, Q_m) + mutual sum over s != t of KL(P_s || R_t)
//   P_s = softmax(k_s Q_s / T_t), R_t = softmax(q_t Q_t / T_s), both on the N greatest of k_s Q_s
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_branches.h"
#include "distill/block_momentum.h"
#include "distill/block_queue.h"
#include "distill/block_sequence.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = BRANCHES_MAX, QUERY = 0, KEY = 1, SIDES = 2 };

typedef struct cmd_params {
    double mutual, temperature, teacher_temperature, student_temperature, momentum;
    int queue, neighbours, embedding, teachers, coordinates;
    double crop, shear, rotation, corrupt;
} cmd_params;

typedef struct cmd_state {
    size_t n;
    venn_net *key;               // of the student
    venn_net *head[SIDES][MOST]; // features to embeddings
    past_queue queue[MOST];
    int32_t modality[MOST];
    const char *end[MOST];
    int64_t width[MOST];
    venn_tensor keys[MOST]; // of the step under construction
    float *mutual;          // [epochs + 1]: how many epochs there were, and the divergence in each
} cmd_state;

enum { TEACHERS_ALL, TEACHERS_FIRST };
static const char *const teachers[] = {"all", "first", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(cmd_params, mutual, 1, 0, 1e6, "weight of the divergences; 0: MoCo alone",
                     "official code"),
    VENN_PARAM_ENUM(cmd_params, teachers, TEACHERS_ALL, teachers,
                    "all: each view teaches the others; first: only the first view teaches",
                    "paper"),
    VENN_PARAM_FLOAT(cmd_params, temperature, 0.07, 1e-3, 1e3, "of the contrast", "official code"),
    VENN_PARAM_FLOAT(cmd_params, teacher_temperature, 0.05, 1e-3, 1e3, "T_t of what teaches",
                     "official code"),
    VENN_PARAM_FLOAT(cmd_params, student_temperature, 0.1, 1e-3, 1e3, "T_s of what is taught",
                     "official code"),
    VENN_PARAM_FLOAT(cmd_params, momentum, 0.99, 0, 1, "of the average that makes the keys",
                     "chosen here for short trainings; official code: 0.999"),
    VENN_PARAM_INT(cmd_params, queue, 1024, 1, 1000000, "K, keys that are kept of each view",
                   "chosen here for small data; official code: 16384"),
    VENN_PARAM_INT(cmd_params, neighbours, 256, 1, 1000000, "N, how many of them a key looks at",
                   "chosen here; official code: half the queue"),
    VENN_PARAM_INT(cmd_params, embedding, 128, 1, 65536, "width of what is compared",
                   "official code"),
    VENN_PARAM_INT(cmd_params, coordinates, 2, 1, SEQUENCE_COORDINATES_MAX,
                   "of a point, in channels that follow each other; 1: no pose",
                   "chosen here: the example is in the plane"),
    VENN_PARAM_FLOAT(cmd_params, crop, 0.1, 0.01, 1, "least share of the time that is kept",
                     "official code"),
    VENN_PARAM_FLOAT(cmd_params, shear, 0.5, 0, 10, "largest entry of the shear",
                     "chosen here: the value is not known"),
    VENN_PARAM_FLOAT(cmd_params, rotation, 0.3, 0, 7, "largest angle, in radians",
                     "chosen here: the value is not known"),
    VENN_PARAM_FLOAT(cmd_params, corrupt, 0.3, 0, 1, "probability that a point is lost",
                     "chosen here: the value is not known"),
    {0}};

static const venn_method_equation equations[] = {
    {"contrast",
     "sum over m of CE([q_m . k_m, q_m Q_m] / temperature, 0), q and k of two changes of "
     "the sample, brought to length 1"},
    {"mutual",
     "sum over teachers s and students t != s of KL(softmax(k_s Q_s / teacher_temperature) "
     "|| softmax(q_t Q_t / student_temperature)) on the `neighbours` greatest of k_s Q_s, k_s "
     "constant"},
    {"loss", "contrast + mutual mutual"},
    {"keys", "key <- momentum key + (1 - momentum) query; Q_m gets the batch's k_m, the oldest go"},
    {"score", "a linear probe on what the first view's encoder gives"},
    {0}};

// ---- A step ----------------------------------------------------------------------------------

enum { NAME = 16 };

// "head-1": the `what` of view m.
static const char *name_of(char text[NAME], const char *what, size_t m)
{
    snprintf(text, NAME, "%s-%zu", what, m + 1);
    return text;
}

static const char *const changed[SIDES] = {"query", "key"};

static void features(const venn_job *job, venn_step *s, const venn_net *net, const venn_tensor *x,
                     venn_tensor *y)
{
    const cmd_state *state = job->state;
    venn_tap taps[MOST] = {{0}};
    for (size_t m = 0; m < state->n; m++)
        taps[m].layer = state->end[m];
    venn_step_apply(s, net, &(venn_step_apply_params){.x = x, .taps = taps, .n_taps = state->n});
    for (size_t m = 0; m < state->n; m++)
        y[m] = taps[m].y;
}

static void embed(const venn_job *job, venn_step *s, int side, venn_tensor *y)
{
    const cmd_state *state = job->state;
    venn_tensor x[MOST], h[MOST];
    char name[NAME];
    for (size_t m = 0; m < state->n; m++) {
        const venn_shape *one = &job->data->modalities[state->modality[m]].shape;
        x[m] = venn_step_input(s, name_of(name, changed[side], m), VENN_F32,
                               VENN_SHAPE(s->batch, one->dim[0], one->dim[1]));
    }
    features(job, s, side == KEY ? state->key : job->student, x, h);
    for (size_t m = 0; m < state->n; m++) {
        venn_tensor z =
            venn_step_apply(s, state->head[side][m], &(venn_step_apply_params){.x = &h[m]});
        y[m] = venn_l2_normalize(s->g, z, 2, 0);
    }
}

static venn_tensor among(venn_step *s, venn_tensor x, venn_tensor queue, double temperature)
{
    venn_tensor dots =
        venn_matmul(s->g, x, queue, VENN_NONE, &(venn_matmul_params){.trans_b = true});
    return venn_scale(s->g, dots, (float)(1 / temperature), 0);
}

static venn_tensor add(venn_step *s, venn_tensor sum, venn_tensor more)
{
    return sum.id ? venn_add(s->g, sum, more) : more;
}

static venn_tensor mutual_loss(const venn_job *job, venn_step *s, const venn_tensor *q,
                               const venn_tensor *k)
{
    const cmd_params *p = job->params;
    const cmd_state *state = job->state;
    venn_tensor near[MOST], sum = VENN_NONE;
    for (size_t t = 0; t < state->n; t++)
        near[t] = among(s, q[t], venn_queue_rows(s, &state->queue[t]), p->student_temperature);
    const bool all_teach = p->teachers == TEACHERS_ALL;
    for (size_t from = 0; from < state->n && (all_teach || from == 0); from++) {
        venn_tensor index, all = among(s, k[from], venn_queue_rows(s, &state->queue[from]),
                                       p->teacher_temperature);
        venn_tensor teacher = venn_top_k(s->g, all, 1, p->neighbours, false, &index);
        for (size_t t = 0; t < state->n; t++)
            if (t != from)
                sum = add(s, sum,
                          venn_kl_div(s->g, venn_gather(s->g, near[t], index, 1),
                                      venn_stop_gradient(s->g, teacher), VENN_NONE, NULL));
    }
    return sum;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const cmd_params *p = job->params;
    cmd_state *state = job->state;
    const venn_info_nce_params nce = {.temperature = (float)p->temperature};
    venn_tensor q[MOST], k[MOST], contrast = VENN_NONE;
    embed(job, s, QUERY, q);
    embed(job, s, KEY, k);
    for (size_t m = 0; m < state->n; m++) {
        k[m] = state->keys[m] = venn_stop_gradient(s->g, k[m]);
        contrast = add(s, contrast,
                       venn_info_nce(s->g, q[m], k[m], venn_queue_rows(s, &state->queue[m]), &nce));
    }
    // Without weight it is still told, to be compared with.
    venn_tensor mutual = mutual_loss(job, s, q, k);
    venn_step_term(s, "contrast", contrast);
    venn_step_term(s, "mutual", mutual);
    return p->mutual > 0 ? venn_add(s->g, contrast, venn_scale(s->g, mutual, (float)p->mutual, 0))
                         : contrast;
}

static void after(void *user, venn_step *s, venn_tensor guard)
{
    const venn_job *job = user;
    const cmd_params *p = job->params;
    const cmd_state *state = job->state;
    venn_momentum_follow(s, state->key, job->student, p->momentum, guard);
    for (size_t m = 0; m < state->n; m++) {
        venn_momentum_follow(s, state->head[KEY][m], state->head[QUERY][m], p->momentum, guard);
        venn_queue_add(s, &state->queue[m], state->keys[m], guard);
    }
}

// Two changes of every sample, each the same in all views.
static venn_status feed(void *user, const venn_step_feed *f)
{
    const venn_job *job = user;
    const cmd_params *p = job->params;
    const cmd_state *state = job->state;
    const sequence_law law = {p->coordinates, p->crop, p->shear, p->rotation, p->corrupt};
    for (int side = 0; side < SIDES; side++) {
        venn_rng rng = venn_rng_make(job->seed, f->step, (uint32_t)(3000 + side));
        for (uint32_t b = 0; b < job->batch; b++) {
            const sequence_change change = venn_sequence_draw(&law, &rng);
            for (size_t m = 0; m < state->n; m++) {
                const venn_shape *one = &job->data->modalities[state->modality[m]].shape;
                char name[NAME];
                size_t bytes;
                float *to = venn_feed_input(f, name_of(name, changed[side], m), &bytes);
                venn_sequence_apply(
                    &change, one->dim[0], one->dim[1],
                    venn_dataset_item(job->data, VENN_TRAIN, state->modality[m], f->batch->pair[b]),
                    to + (int64_t)b * one->dim[0] * one->dim[1]);
            }
        }
    }
    return VENN_OK;
}

static venn_status epoch_end(void *user, venn_metrics *metrics)
{
    const venn_job *job = user;
    cmd_state *state = job->state;
    for (int i = 0; i < metrics->n_terms; i++)
        if (strcmp(metrics->terms[i].name, "mutual") == 0)
            state->mutual[metrics->epoch] = (float)metrics->terms[i].value;
    return VENN_OK;
}

// ---- What was learnt -------------------------------------------------------------------------

static venn_status score(void *user, venn_split_id split, double *accuracy, double *value)
{
    branch_answers a;
    (void)value;
    VENN_TRY(venn_branches_ask(user, 1, split, &a));
    *accuracy = a.probe[0];
    return VENN_OK;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] / (double)n;
    return sum;
}

static venn_status begin(venn_job *job, venn_job_stage *stage)
{
    const cmd_state *state = job->state;
    branch_answers a;
    (void)stage;
    VENN_TRY(venn_net_copy(state->key, job->student));
    for (size_t m = 0; m < state->n; m++)
        VENN_TRY(venn_net_copy(state->head[KEY][m], state->head[QUERY][m]));
    VENN_TRY(venn_branches_ask(job, state->n, VENN_TEST, &a));
    venn_job_measure(job, "untrained_probe", mean_of(a.probe, state->n));
    venn_job_measure(job, "untrained_nearest", a.nearest);
    return VENN_OK;
}

static venn_status end(venn_job *job, venn_job_stage *stage)
{
    static const char *const names[MOST] = {"first_probe", "second_probe", "third_probe",
                                            "fourth_probe"};
    const cmd_state *state = job->state;
    const uint32_t epochs = stage->fit.epochs;
    float least = state->mutual[1];
    branch_answers a;
    VENN_TRY(venn_branches_ask(job, state->n, VENN_TEST, &a));
    for (size_t m = 0; m < state->n; m++)
        venn_job_measure(job, names[m], a.probe[m]);
    venn_job_measure(job, "mean_probe", mean_of(a.probe, state->n));
    venn_job_measure(job, "nearest", a.nearest);
    for (uint32_t e = 1; e <= epochs; e++)
        least = fminf(least, state->mutual[e]);
    venn_job_measure(job, "mutual_first", (double)state->mutual[1]);
    venn_job_measure(job, "mutual_least", (double)least);
    venn_job_measure(job, "mutual_last", (double)state->mutual[epochs]);
    return VENN_OK;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status create_head(venn_job *job, int side, size_t m)
{
    const cmd_params *p = job->params;
    cmd_state *state = job->state;
    const int32_t width = (int32_t)state->width[m];
    const venn_layer layers[] = {{.kind = VENN_LAYER_LINEAR, .out = width},
                                 {.kind = VENN_LAYER_RELU},
                                 {.kind = VENN_LAYER_LINEAR, .out = p->embedding}};
    const venn_branch branch = {.layers = layers, .n_layers = 3, .input = VENN_SHAPE(width)};
    const venn_net_params head = {.branches = &branch, .n_branches = 1};
    char name[NAME];
    return venn_job_net(job, name_of(name, side == KEY ? "key" : "head", m), &head, NULL,
                        &state->head[side][m]);
}

static venn_status create_view(venn_job *job, size_t m)
{
    const cmd_params *p = job->params;
    cmd_state *state = job->state;
    char queue[NAME], position[NAME];
    venn_shape sample;
    VENN_TRY(venn_dataset_modality(job->data, job->student_modalities[m], &state->modality[m]));
    state->end[m] = venn_net_branch_end(job->student, m);
    VENN_TRY(venn_net_place(job->student, state->end[m], &sample));
    if (job->data->modalities[state->modality[m]].shape.rank != 2 || sample.rank != 1)
        return venn_fail(VENN_BAD_ARG,
                         "method cmd: the student's inputs must be sequences [D, T], and "
                         "its networks must give vectors: %s",
                         job->student_modalities[m]);
    state->width[m] = sample.dim[0];
    VENN_TRY(create_head(job, QUERY, m));
    VENN_TRY(create_head(job, KEY, m));
    return venn_queue_create(job, name_of(queue, "queue", m), name_of(position, "position", m),
                             p->queue, p->embedding, 4000 + (uint32_t)m, &state->queue[m]);
}

static venn_status setup(venn_job *job)
{
    const cmd_params *p = job->params;
    cmd_state *state = job->state;
    void *mutual;
    state->n = job->n_student_inputs;
    if (state->n < 2 || state->n > MOST)
        return venn_fail(VENN_BAD_ARG, "method cmd: the student needs 2 to %d inputs, its views",
                         MOST);
    if (p->neighbours > p->queue || (int)job->batch > p->queue)
        return venn_fail(VENN_BAD_ARG, "method cmd: a queue of %d is shorter than %s", p->queue,
                         p->neighbours > p->queue ? "neighbours" : "a batch");
    VENN_TRY(venn_job_clone(job, "key", VENN_JOB_STUDENT, &state->key));
    for (size_t m = 0; m < state->n; m++)
        VENN_TRY(create_view(job, m));
    VENN_TRY(
        venn_job_array(job, "mutual", VENN_F32, VENN_SHAPE((int64_t)job->epochs + 1), &mutual));
    state->mutual = mutual;
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->begin = begin;
    stage->end = end;
    venn_stage_net(stage, state->key)->role = VENN_NET_FOLLOWS;
    for (size_t m = 0; m < state->n; m++)
        venn_stage_net(stage, state->head[KEY][m])->role = VENN_NET_FOLLOWS;
    return VENN_OK;
}

const venn_method venn_method_cmd = {
    .name = "cmd",
    .summary =
        "no labels: encoders of several views of a sequence learn by contrast, and teach each "
        "other which of past samples are alike",
    .reference = "Mao, Zhou, Lu, Deng, Li: CMD: Self-supervised 3D Action Representation Learning "
                 "with Cross-modal Mutual Distillation, ECCV 2022",
    .status = "target met: the divergences fall, and a probe finds more than in random encoders",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_NO_LABELS | VENN_NEEDS_MEMORY,
    .equations = equations,
    .params_size = sizeof(cmd_params),
    .params = params,
    .state_size = sizeof(cmd_state),
    .score = "probe_accuracy",
    .alone = true,
    .objective =
        {.loss = loss, .after = after, .feed = feed, .epoch_end = epoch_end, .score = score},
    .setup = setup,
};

// samm: semantic-aware multimodal continual learning. Tasks of new classes arrive one after the other; a small buffer
// replays the past. Besides the fused head each modality has its own; they are to relate samples alike, and to
// repeat the best of what they said when a sample was stored.
//   L = L1(batch) + L2(replayed), L1 = CE(av) + r (CE(a) + CE(v) + f (D(a, v) + D(v, a)))
//   L2 = the same + c (MSE(av, t) + r (MSE(a, t) + MSE(v, t)))
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/block_late_fusion.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { INPUTS = 2, HEADS = 3, MOST_TASKS = 12 };
enum { FUSED, FIRST, SECOND };

typedef struct samm_params {
    int tasks, buffer;
    double alone, relations, consistency;
    bool dynamic;
} samm_params;

typedef struct samm_state {
    int32_t index[INPUTS]; // of the modalities in the data
    const char *end[INPUTS];
    int64_t width;
    venn_net *film, *head[HEADS]; // head[FUSED] is the student's own
    int64_t *rows[MOST_TASKS];    // of the training split
    size_t task;
    double temperature[HEADS];
    // The buffer: pairs of the training split, what was said of them, and how many have been seen.
    int32_t *stored, *seen;
    float *logits; // [buffer, HEADS, C]
} samm_state;

static const venn_method_param params[] = {
    VENN_PARAM_INT(samm_params, tasks, 5, 1, MOST_TASKS, "classes come in so many equal parts",
                   "chosen here: two digits at a time"),
    VENN_PARAM_INT(samm_params, buffer, 200, 0, 1000000, "samples that are kept; 0: no replay",
                   "chosen here; the paper has 500 to 2000 of 50,000"),
    VENN_PARAM_FLOAT(samm_params, alone, 0.01, 0, 1e6, "r, weight of the modalities' own heads",
                     "official code"),
    VENN_PARAM_FLOAT(samm_params, relations, 25, 0, 1e6, "f, weight of the relations of samples",
                     "official code"),
    VENN_PARAM_FLOAT(samm_params, consistency, 1, 0, 1e6, "c, weight of what was stored",
                     "official code"),
    VENN_PARAM_BOOL(
        samm_params, dynamic, 1,
        "predict by all heads, each calibrated and weighted by how certain it is; no: by "
        "the fused head",
        "paper"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z_av), z_av = head(gamma v + beta), [gamma; beta] = linear(a)"},
    {"alone",
     "CE(y, z_a) + CE(y, z_v) + relations (D(z_a, sg z_v) + D(z_v, sg z_a)), D the distances "
     "among normalised logits in units of their mean, compared by smooth L1"},
    {"past_ce", "CE(y, z_av) of replayed samples"},
    {"past_alone", "alone, of replayed samples"},
    {"consistency",
     "MSE(z_av, t) + r (MSE(z_a, t) + MSE(z_v, t)), t: the stored logits of the head "
     "that is now the surest of the right class"},
    {"loss", "ce + r alone + past_ce + r past_alone + c consistency"},
    {"predict", "sum over heads of max(softmax(z / T)) z / T, T of each head fitted to the buffer"},
    {0}};

static const char *const task_names[MOST_TASKS] = {"task-1", "task-2",  "task-3",  "task-4",
                                                   "task-5", "task-6",  "task-7",  "task-8",
                                                   "task-9", "task-10", "task-11", "task-12"};

// ---- Heads -----------------------------------------------------------------------------------

static void say(const venn_job *job, venn_step *s, const venn_tensor *x, venn_tensor *z)
{
    const samm_state *state = job->state;
    venn_tap taps[INPUTS] = {{.layer = state->end[0]}, {.layer = state->end[1]}};
    venn_step_apply(s, job->student,
                    &(venn_step_apply_params){.x = x, .taps = taps, .n_taps = INPUTS});
    venn_tensor both = venn_step_apply(s, state->film, &(venn_step_apply_params){.x = &taps[0].y});
    venn_tensor gamma = venn_slice(s->g, both, 1, 0, state->width);
    venn_tensor beta = venn_slice(s->g, both, 1, state->width, state->width);
    venn_tensor av = venn_add(s->g, venn_mul(s->g, gamma, taps[1].y), beta);
    z[FUSED] = venn_net_apply_behind(job->student, s->g, "head.input", av, NULL, NULL);
    for (int k = FIRST; k < HEADS; k++)
        z[k] =
            venn_step_apply(s, state->head[k], &(venn_step_apply_params){.x = &taps[k - FIRST].y});
}

static venn_tensor sum_of_heads(const samm_state *state, venn_step *s, const venn_tensor *z)
{
    const venn_reduce_params rows = {.axes = 2, .keepdims = true};
    venn_tensor sum = VENN_NONE;
    for (int k = 0; k < HEADS; k++) {
        venn_tensor cool = venn_scale(s->g, z[k], (float)(1 / state->temperature[k]), 0);
        venn_tensor sure = venn_max(s->g, venn_softmax(s->g, cool), &rows);
        venn_tensor one = venn_mul(s->g, cool, sure);
        sum = k ? venn_add(s->g, sum, one) : one;
    }
    return sum;
}

// ---- Losses ----------------------------------------------------------------------------------

static venn_tensor relation(venn_step *s, venn_tensor x, venn_tensor to)
{
    const venn_rkd_distance_params whole = {.whole_mean = true};
    return venn_rkd_distance(s->g, venn_l2_normalize(s->g, x, 2, 0),
                             venn_stop_gradient(s->g, venn_l2_normalize(s->g, to, 2, 0)), &whole);
}

static venn_tensor alone(venn_step *s, const samm_params *p, const venn_tensor *z, venn_tensor y)
{
    venn_tensor sum = venn_add(s->g, venn_cross_entropy(s->g, z[FIRST], y, NULL),
                               venn_cross_entropy(s->g, z[SECOND], y, NULL));
    venn_tensor alike =
        venn_add(s->g, relation(s, z[FIRST], z[SECOND]), relation(s, z[SECOND], z[FIRST]));
    return venn_add(s->g, sum, venn_scale(s->g, alike, (float)p->relations, 0));
}

// What the head said, when the sample was stored, that is now the surest of the right class.
static venn_tensor best_of_past(venn_step *s, const venn_tensor *z, venn_tensor y,
                                venn_tensor stored)
{
    const venn_cross_entropy_params rows = {.reduction = VENN_REDUCE_NONE};
    const int64_t batch = s->batch;
    venn_tensor sure[HEADS];
    for (int k = 0; k < HEADS; k++)
        sure[k] =
            venn_reshape(s->g, venn_scale(s->g, venn_cross_entropy(s->g, z[k], y, &rows), -1, 0),
                         VENN_SHAPE(batch, 1));
    venn_tensor best = venn_argmax(s->g, venn_concat(s->g, HEADS, sure, 1));
    venn_tensor chosen =
        venn_reshape(s->g, venn_one_hot(s->g, best, HEADS), VENN_SHAPE(batch, HEADS, 1));
    return venn_stop_gradient(
        s->g, venn_sum(s->g, venn_mul(s->g, stored, chosen), &(venn_reduce_params){.axes = 2}));
}

static venn_tensor report(venn_step *s, const char *name, venn_tensor value, double weight)
{
    venn_step_term(s, name, value);
    return venn_scale(s->g, value, (float)weight, 0);
}

static venn_tensor past_loss(const venn_job *job, venn_step *s)
{
    static const char *const names[INPUTS] = {"past 0", "past 1"};
    const samm_params *p = job->params;
    const int32_t classes = job->data->class_count;
    venn_tensor x[INPUTS], z[HEADS] = {{0}};
    for (int m = 0; m < INPUTS; m++) {
        venn_shape shape =
            venn_tensor_shape(s->g, venn_step_x(s, NULL, job->student_modalities[m]));
        x[m] = venn_step_input(s, names[m], VENN_F32, shape);
    }
    venn_tensor y = venn_step_input(s, "past labels", VENN_I32, VENN_SHAPE(s->batch));
    venn_tensor stored =
        venn_step_input(s, "past logits", VENN_F32, VENN_SHAPE(s->batch, HEADS, classes));
    say(job, s, x, z);
    venn_tensor t = best_of_past(s, z, y, stored);
    venn_tensor each =
        venn_add(s->g, venn_mse(s->g, z[FIRST], t, NULL), venn_mse(s->g, z[SECOND], t, NULL));
    venn_tensor kept = venn_add(s->g, venn_mse(s->g, z[FUSED], t, NULL),
                                venn_scale(s->g, each, (float)p->alone, 0));
    venn_tensor sum = report(s, "past_ce", venn_cross_entropy(s->g, z[FUSED], y, NULL), 1);
    if (p->alone > 0)
        sum = venn_add(s->g, sum, report(s, "past_alone", alone(s, p, z, y), p->alone));
    if (p->consistency > 0)
        sum = venn_add(s->g, sum, report(s, "consistency", kept, p->consistency));
    return venn_mul(s->g, sum, venn_step_scalar(s, "replay"));
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const samm_params *p = job->params;
    const venn_shape shape = VENN_SHAPE(s->batch, 1, job->data->class_count);
    venn_tensor z[HEADS] = {{0}}, apart[HEADS];
    say(job, s, NULL, z);
    venn_step_count(s, z[FUSED]);
    for (int k = 0; k < HEADS; k++)
        apart[k] = venn_reshape(s->g, z[k], shape);
    venn_graph_output(s->g, "said", venn_concat(s->g, HEADS, apart, 1));
    venn_tensor sum = venn_step_ce(s, z[FUSED]);
    if (p->alone > 0)
        sum = venn_add(s->g, sum,
                       report(s, "alone", alone(s, p, z, venn_step_labels(s, NULL)), p->alone));
    return p->buffer ? venn_add(s->g, sum, past_loss(job, s)) : sum;
}

// ---- The buffer ------------------------------------------------------------------------------

static int32_t held(const venn_job *job)
{
    const samm_params *p = job->params;
    const samm_state *state = job->state;
    return *state->seen < p->buffer ? *state->seen : p->buffer;
}

static void write_past(const venn_job *job, const venn_step_feed *f, size_t row, int32_t slot)
{
    static const char *const names[INPUTS] = {"past 0", "past 1"};
    const samm_state *state = job->state;
    const size_t batch = job->batch, width = (size_t)(HEADS * job->data->class_count);
    size_t bytes;
    for (int m = 0; m < INPUTS; m++) {
        char *x = venn_feed_input(f, names[m], &bytes);
        memcpy(x + row * (bytes / batch),
               venn_dataset_item(job->data, VENN_TRAIN, state->index[m], state->stored[slot]),
               bytes / batch);
    }
    int32_t *labels = venn_feed_input(f, "past labels", &bytes);
    labels[row] = job->data->split[VENN_TRAIN].labels[state->stored[slot]];
    float *logits = venn_feed_input(f, "past logits", &bytes);
    memcpy(logits + row * width, state->logits + (size_t)slot * width, width * sizeof *logits);
}

// A batch of the buffer without repeats, or all of it again and again where it is smaller.
static venn_status feed(void *user, const venn_step_feed *f)
{
    const venn_job *job = user;
    const samm_params *p = job->params;
    const samm_state *state = job->state;
    if (!p->buffer)
        return VENN_OK;
    const uint32_t n = (uint32_t)held(job);
    venn_feed_scalar(f, "replay", n > 0);
    if (n == 0)
        return VENN_OK;
    uint32_t *order = venn_alloc(n, sizeof *order);
    if (!order)
        return VENN_NO_MEMORY;
    venn_rng rng = venn_rng_make(job->seed, f->step, (uint32_t)(1000 + state->task));
    venn_rng_permutation(&rng, order, n);
    for (uint32_t b = 0; b < job->batch; b++)
        write_past(job, f, b, (int32_t)order[b % n]);
    free(order);
    return VENN_OK;
}

// Reservoir sampling: of all samples so far, each is in the buffer with the same probability.
static venn_status collect(void *user, const venn_step_result *result)
{
    const venn_job *job = user;
    const samm_params *p = job->params;
    samm_state *state = job->state;
    const size_t width = (size_t)(HEADS * job->data->class_count);
    size_t bytes;
    if (!p->buffer)
        return VENN_OK;
    const float *said = venn_result_output(result, "said", &bytes);
    venn_rng rng = venn_rng_make(job->seed, result->step, (uint32_t)(2000 + state->task));
    for (uint32_t b = 0; b < result->batch; b++) {
        const int32_t number = (*state->seen)++;
        const int32_t slot =
            number < p->buffer ? number : (int32_t)venn_rng_below(&rng, (uint32_t)number + 1);
        if (slot >= p->buffer)
            continue;
        state->stored[slot] = (int32_t)state->rows[state->task][result->pair[b]];
        memcpy(state->logits + (size_t)slot * width, said + b * width, width * sizeof *said);
    }
    return VENN_OK;
}

// ---- Calibration and scores ------------------------------------------------------------------

static void build_heads(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    const samm_params *p = job->params;
    say(job, s, NULL, z);
    z[HEADS] = p->dynamic ? sum_of_heads(job->state, s, z) : z[FUSED];
}

static venn_tensor predict(void *user, venn_step *s)
{
    venn_tensor z[HEADS + 1] = {{0}};
    build_heads(user, s, z);
    return z[HEADS];
}

static void build_said(void *user, venn_step *s)
{
    static const char *const names[HEADS] = {"0", "1", "2"};
    venn_tensor z[HEADS] = {{0}};
    say(user, s, NULL, z);
    for (int k = 0; k < HEADS; k++)
        venn_graph_output(s->g, names[k], z[k]);
}

// Mean negative log likelihood of z / T.
static double likelihood(const float *z, const int32_t *y, int64_t n, int64_t classes, double t)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        double all = 0, top = -INFINITY;
        for (int64_t c = 0; c < classes; c++)
            top = fmax(top, (double)z[i * classes + c] / t);
        for (int64_t c = 0; c < classes; c++)
            all += exp((double)z[i * classes + c] / t - top);
        sum += top + log(fmax(all, 1)) - (double)z[i * classes + y[i]] / t;
    }
    return sum / (double)n;
}

// The T in [0.05, 20] at which the likelihood is greatest, by golden sections of ln T.
static double fit_temperature(const float *z, const int32_t *y, int64_t n, int64_t classes)
{
    const double golden = (sqrt(5) - 1) / 2;
    double low = log(0.05), high = log(20);
    for (int i = 0; i < 40; i++) {
        const double a = high - golden * (high - low), b = low + golden * (high - low);
        if (likelihood(z, y, n, classes, exp(a)) < likelihood(z, y, n, classes, exp(b)))
            high = b;
        else
            low = a;
    }
    return exp((low + high) / 2);
}

static venn_status sweep_buffer(venn_job *job, const venn_dataset *data, float *z, int64_t n)
{
    const int64_t size = n * job->data->class_count;
    const struct venn_sweep_output to[] = {{"0", z}, {"1", z + size}, {"2", z + 2 * size}, {0}};
    const venn_sweep sweep = {
        .data = data, .split = VENN_TRAIN, .user = job, .build = build_said, .outputs = to};
    return venn_job_sweep(job, &sweep);
}

static venn_status calibrate(venn_job *job)
{
    samm_state *state = job->state;
    const int64_t n = held(job), classes = job->data->class_count;
    int64_t *rows = venn_alloc((size_t)n + 1, sizeof *rows);
    float *z = venn_alloc((size_t)(HEADS * n * classes) + 1, sizeof *z);
    venn_dataset *data = NULL;
    venn_status status = rows && z ? VENN_OK : VENN_NO_MEMORY;
    for (int64_t i = 0; i < n && status == VENN_OK; i++)
        rows[i] = state->stored[i];
    const venn_selection select[VENN_SPLITS] = {
        {.rows = rows, .n = n}, {.none = true}, {.none = true}};
    if (status == VENN_OK)
        status = venn_dataset_select(&data, job->data, select);
    if (status == VENN_OK)
        status = sweep_buffer(job, data, z, n);
    for (int k = 0; k < HEADS && status == VENN_OK; k++)
        state->temperature[k] =
            fit_temperature(z + k * n * classes, data->split[VENN_TRAIN].labels, n, classes);
    venn_dataset_destroy(&data);
    free(rows);
    free(z);
    return status;
}

static void build_class(void *user, venn_step *s)
{
    venn_graph_output(s->g, "class", venn_argmax(s->g, predict(user, s)));
}

// Of all classes, those to come too.
static venn_status score(void *user, venn_split_id id, double *accuracy, double *value)
{
    venn_job *job = user;
    const samm_params *p = job->params;
    const venn_split *split = &job->data->split[id];
    int32_t *classes = venn_alloc((size_t)split->n + 1, sizeof *classes);
    const struct venn_sweep_output to[] = {{"class", classes}, {0}};
    const venn_sweep sweep = {.split = id, .user = job, .build = build_class, .outputs = to};
    int64_t right = 0;
    (void)value;
    venn_status status = classes ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK && p->dynamic && held(job) > 0)
        status = calibrate(job);
    if (status == VENN_OK)
        status = venn_job_sweep(job, &sweep);
    for (int64_t i = 0; i < split->n && status == VENN_OK; i++)
        right += classes[i] == split->labels[i];
    *accuracy = split->n ? (double)right / (double)split->n : NAN;
    free(classes);
    return status;
}

// ---- Tasks -----------------------------------------------------------------------------------

static venn_status begin(venn_job *job, venn_job_stage *stage)
{
    samm_state *state = job->state;
    state->task = 0;
    while (strcmp(task_names[state->task], stage->name) != 0)
        state->task++;
    return VENN_OK;
}

static venn_status end(venn_job *job, venn_job_stage *stage)
{
    static const char *const names[HEADS] = {"fused_accuracy", "first_alone_accuracy",
                                             "second_alone_accuracy"};
    (void)stage;
    return venn_measure_accuracies(job, HEADS, names, job, build_heads);
}

static venn_status add_task(venn_job *job, size_t task, size_t tasks)
{
    samm_state *state = job->state;
    const venn_split *split = &job->data->split[VENN_TRAIN];
    int64_t n = 0, *rows = venn_alloc((size_t)split->n, sizeof *rows);
    venn_dataset *data;
    if (!rows)
        return VENN_NO_MEMORY;
    state->rows[task] = rows;
    for (int64_t i = 0; i < split->n; i++)
        if (split->labels[i] * (int64_t)tasks / job->data->class_count == (int64_t)task)
            rows[n++] = i;
    const venn_selection select[VENN_SPLITS] = {{.rows = rows, .n = n}, {.none = true}};
    VENN_TRY(venn_dataset_select(&data, job->data, select));
    venn_job_own_data(job, data);
    venn_job_stage *stage = venn_job_add_stage(job, task_names[task]);
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->fit.data = data;
    stage->fit.keep_last = true;
    stage->begin = begin;
    stage->end = end;
    return VENN_OK;
}

static venn_status create_buffer(venn_job *job)
{
    const samm_params *p = job->params;
    samm_state *state = job->state;
    void *stored, *seen, *logits;
    const int64_t n = p->buffer ? p->buffer : 1;
    VENN_TRY(venn_job_array(job, "stored", VENN_I32, VENN_SHAPE(n), &stored));
    VENN_TRY(venn_job_array(job, "seen", VENN_I32, VENN_SHAPE(1), &seen));
    VENN_TRY(venn_job_array(job, "logits", VENN_F32, VENN_SHAPE(n, HEADS, job->data->class_count),
                            &logits));
    state->stored = stored;
    state->seen = seen;
    state->logits = logits;
    return VENN_OK;
}

static venn_status create_heads(venn_job *job)
{
    samm_state *state = job->state;
    late_fusion f;
    VENN_TRY(venn_late_fusion_of(&f, job->student, VENN_FUSE_MEAN, "samm"));
    if (f.n != INPUTS || f.width[0] != f.width[1])
        return venn_fail(VENN_BAD_ARG, "method samm: the student needs two inputs whose networks "
                                       "give vectors of one length");
    for (int m = 0; m < INPUTS; m++) {
        state->end[m] = f.end[m];
        VENN_TRY(venn_dataset_modality(job->data, job->student_modalities[m], &state->index[m]));
    }
    state->width = f.width[0];
    VENN_TRY(venn_job_linear(job, "film", state->width, 2 * state->width, &state->film));
    const int32_t classes = job->data->class_count;
    VENN_TRY(venn_job_linear(job, "head-1", state->width, classes, &state->head[FIRST]));
    return venn_job_linear(job, "head-2", state->width, classes, &state->head[SECOND]);
}

static venn_status setup(venn_job *job)
{
    const samm_params *p = job->params;
    samm_state *state = job->state;
    if (p->tasks > job->data->class_count)
        return venn_fail(VENN_BAD_ARG, "method samm: %d tasks of %d classes", p->tasks,
                         job->data->class_count);
    for (int k = 0; k < HEADS; k++)
        state->temperature[k] = 1.5;
    VENN_TRY(create_heads(job));
    VENN_TRY(create_buffer(job));
    for (int t = 0; t < p->tasks; t++)
        VENN_TRY(add_task(job, (size_t)t, (size_t)p->tasks));
    return VENN_OK;
}

static void finish(venn_job *job)
{
    for (int t = 0; t < MOST_TASKS; t++)
        free(((samm_state *)job->state)->rows[t]);
}

const venn_method venn_method_samm = {
    .name = "samm",
    .summary = "continual learning of two modalities with replay: heads per modality that relate "
               "samples alike and repeat their best stored logits",
    .reference = "Sarfraz, Zonooz, Arani: Beyond Unimodal Learning: The Importance of Integrating "
                 "Multiple Modalities for Lifelong Learning, CoLLAs 2024",
    .status = "target met: without replay < replay < all tasks at once",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_MEMORY | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(samm_params),
    .params = params,
    .state_size = sizeof(samm_state),
    .objective = {.loss = loss,
                  .feed = feed,
                  .collect = collect,
                  .lockstep = true,
                  .predict = predict,
                  .score = score},
    .setup = setup,
    .finish = finish,
};

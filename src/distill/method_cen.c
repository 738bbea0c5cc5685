// cen: channel exchanging networks. One network names the class of every pixel from each of two modalities, shared but
// for its norms; where the scale of a norm has nearly vanished, the channel says nothing and takes the other
// modality's. An L1 penalty drives half of the scales there: the first half of the first modality's, the second
// half of the second's.
//   L = sum over outputs o in {z1, z2, a1 sg(z1) + a2 sg(z2)} of (CE(y, o) + lambda sum |gamma|)
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_class_map.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { BOTH, FIRST, SECOND };
enum { SIDES = 2, OUTPUTS = 3, EXCHANGES = 64 };

typedef struct cen_params {
    const char *other, *labels, *places;
    double theta, lambda;
    int ignore, inputs;
    bool exchange, private_norms, frozen_statistics;
} cen_params;

typedef struct cen_state {
    const char *place[EXCHANGES]; // norms of the student
    const venn_net_param *gamma[EXCHANGES];
    size_t n;
    venn_var *alpha;
} cen_state;

static const char *const inputs[] = {"both", "first", "second", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_TEXT(cen_params, other, "depth",
                    "the second modality; the first is the student's. One channel is repeated as "
                    "often as the student wants",
                    "chosen here: RGB and depth, as in the paper"),
    VENN_PARAM_TEXT(cen_params, labels, "label", "modality of a class per pixel", "chosen here"),
    VENN_PARAM_INT(cen_params, ignore, 255, 0, 1000000,
                   "label of pixels that do not count; 0: all do", "official code"),
    VENN_PARAM_TEXT(cen_params, places, NULL,
                    "batch norms behind which channels are exchanged, separated by blanks; none: "
                    "the second one of every bottleneck",
                    "official code: the second norm of every bottleneck"),
    VENN_PARAM_FLOAT(cen_params, theta, 0.02, 0, 1e6, "scales below it exchange their channels",
                     "official code"),
    VENN_PARAM_FLOAT(cen_params, lambda, 0.001, 0, 1e6, "weight of the scales' absolute values",
                     "chosen here for small networks; official code: 2e-4"),
    VENN_PARAM_BOOL(cen_params, exchange, 1, "exchange channels", "paper; no: a competitor"),
    VENN_PARAM_BOOL(cen_params, private_norms, 1, "each modality has norms of its own",
                    "paper; no: a competitor"),
    VENN_PARAM_ENUM(cen_params, inputs, BOTH, inputs,
                    "first, second: one modality alone, a competitor", "both: the method"),
    VENN_PARAM_BOOL(
        cen_params, frozen_statistics, 0, "norms keep the statistics that they begin with",
        "off: networks begin untrained here; official code: on, as they are pretrained"),
    {0}};

static const venn_method_equation equations[] = {
    {"first", "CE(y, z1), mean over the pixels"},
    {"second", "CE(y, z2)"},
    {"ensemble", "CE(y, a1 sg(z1) + a2 sg(z2)), (a1, a2) = softmax of two parameters"},
    {"sparsity", "sum of |gamma| over the exchanging norms' first half of channels of the first "
                 "modality and second half of the second"},
    {"exchange", "x1 <- x1 where |gamma1| >= theta, else x2, behind the norm; x2 alike"},
    {"first_below", "share of the first modality's |gamma| < theta"},
    {"second_below", "share of the second's"},
    {"loss", "first + second + ensemble + 3 lambda sparsity"},
    {0}};

// ---- Exchange --------------------------------------------------------------------------------

// The scales of a modality, [C].
static venn_tensor scales(venn_graph *g, const venn_net_param *gamma, size_t side)
{
    const venn_shape shape = venn_var_shape(gamma->var);
    venn_tensor all = venn_graph_var(g, gamma->var);
    if (shape.rank == 1)
        return all;
    return venn_reshape(g, venn_slice(g, all, 0, (int64_t)side, 1), VENN_SHAPE(shape.dim[1]));
}

static void exchange(void *user, venn_graph *g, const char *place, venn_tensor *y)
{
    const venn_job *job = user;
    const cen_params *p = job->params;
    const cen_state *state = job->state;
    const venn_tensor own[SIDES] = {y[0], y[1]};
    size_t i = 0;
    while (strcmp(state->place[i], place) != 0)
        i++;
    for (size_t k = 0; k < SIDES; k++)
        y[k] = venn_channel_exchange(g, own[k], own[1 - k], scales(g, state->gamma[i], k),
                                     (float)p->theta);
}

static venn_tensor input(const venn_job *job, venn_step *s, const char *modality)
{
    const venn_shape want = venn_net_input_shape(job->student, 0);
    venn_tensor x = venn_step_x(s, NULL, modality);
    const venn_shape have = venn_tensor_shape(s->g, x);
    return have.rank != 4
               ? x
               : venn_broadcast_to(s->g, x,
                                   VENN_SHAPE(have.dim[0], want.dim[0], have.dim[2], have.dim[3]));
}

// Logits [B, C, H, W] of every modality that takes part; returns how many.
static size_t apply(const venn_job *job, venn_step *s, venn_tensor z[SIDES])
{
    const cen_params *p = job->params;
    const cen_state *state = job->state;
    const char *const modalities[SIDES] = {job->student_modalities[0], p->other};
    const size_t first = p->inputs == SECOND, n = p->inputs == BOTH ? SIDES : 1;
    const venn_meeting meeting = {state->place, state->n, exchange, (void *)job};
    venn_step_apply_params runs[SIDES] = {{0}};
    venn_tensor x[SIDES];
    for (size_t k = 0; k < n; k++) {
        x[k] = input(job, s, modalities[first + k]);
        runs[k] = (venn_step_apply_params){.x = &x[k],
                                           .set = p->private_norms ? (int32_t)(first + k) : 0,
                                           .mode = p->frozen_statistics ? VENN_STEP_EVAL
                                                                        : VENN_STEP_AUTO};
    }
    venn_step_apply_abreast(s, job->student, n, runs, n == SIDES && p->exchange ? &meeting : NULL,
                            z);
    return n;
}

// ---- Loss ------------------------------------------------------------------------------------

static venn_tensor ensemble(const venn_job *job, venn_step *s, const venn_tensor z[SIDES])
{
    const cen_state *state = job->state;
    venn_tensor alpha = venn_softmax(s->g, venn_graph_var(s->g, state->alpha)), sum = VENN_NONE;
    for (size_t k = 0; k < SIDES; k++) {
        venn_tensor part = venn_mul(s->g, venn_stop_gradient(s->g, z[k]),
                                    venn_slice(s->g, alpha, 0, (int64_t)k, 1));
        sum = k ? venn_add(s->g, sum, part) : part;
    }
    return sum;
}

static venn_tensor sparsity(const cen_state *state, venn_step *s)
{
    venn_tensor sum = VENN_NONE;
    for (size_t i = 0; i < state->n; i++)
        for (size_t k = 0; k < SIDES; k++) {
            venn_tensor gamma = scales(s->g, state->gamma[i], k);
            const int64_t half = venn_tensor_shape(s->g, gamma).dim[0] / 2;
            gamma = venn_slice(s->g, gamma, 0, k ? half : 0, k ? 0 : half);
            gamma = venn_sum(s->g, venn_abs(s->g, gamma), NULL);
            sum = sum.id ? venn_add(s->g, sum, gamma) : gamma;
        }
    venn_step_term(s, "sparsity", sum);
    return sum;
}

static venn_tensor loss_of(const venn_job *job, venn_step *s, const char *name, venn_tensor z)
{
    const cen_params *p = job->params;
    venn_tensor value = venn_class_map_loss(s->g, z, venn_step_x(s, NULL, p->labels), p->ignore);
    venn_step_term(s, name, value);
    return value;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const cen_params *p = job->params;
    venn_tensor z[SIDES];
    const size_t n = apply(job, s, z);
    if (n == 1)
        return loss_of(job, s, p->inputs == FIRST ? "first" : "second", z[0]);
    venn_tensor sum =
        venn_add(s->g, loss_of(job, s, "first", z[0]), loss_of(job, s, "second", z[1]));
    sum = venn_add(s->g, sum, loss_of(job, s, "ensemble", ensemble(job, s, z)));
    venn_tensor small = sparsity(job->state, s);
    venn_step_term(s, "first_below", VENN_NONE);
    venn_step_term(s, "second_below", VENN_NONE);
    return p->lambda > 0
               ? venn_add(s->g, sum, venn_scale(s->g, small, OUTPUTS * (float)p->lambda, 0))
               : sum;
}

// ---- Figures ---------------------------------------------------------------------------------

// Of all exchanging norms' scales of a modality.
static venn_status share_below(const venn_job *job, size_t side, double *share)
{
    const cen_params *p = job->params;
    const cen_state *state = job->state;
    int64_t below = 0, all = 0;
    for (size_t i = 0; i < state->n; i++) {
        const venn_var *var = state->gamma[i]->var;
        const venn_shape shape = venn_var_shape(var);
        const int64_t n = shape.dim[shape.rank - 1];
        float *values = venn_alloc(venn_var_bytes(var), 1);
        if (!values)
            return VENN_NO_MEMORY;
        venn_status status = venn_var_read(var, values, venn_var_bytes(var));
        const float *own = values + (shape.rank == 2 ? (int64_t)side * n : 0);
        for (int64_t c = 0; c < n && status == VENN_OK; c++)
            below += fabs((double)own[c]) < p->theta;
        all += n;
        free(values);
        VENN_TRY(status);
    }
    *share = all ? (double)below / (double)all : 0;
    return VENN_OK;
}

static venn_status epoch_end(void *user, venn_metrics *metrics)
{
    static const char *const names[] = {"first_below", "second_below"};
    const venn_job *job = user;
    const cen_params *p = job->params;
    for (size_t k = 0; p->inputs == BOTH && k < SIDES; k++) {
        double share;
        VENN_TRY(share_below(job, k, &share));
        VENN_TRY(venn_metrics_set(metrics, names[k], share));
    }
    return VENN_OK;
}

static void build_maps(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    if (apply(job, s, z) == SIDES && venn_graph_status(s->g) >= 0)
        z[SIDES] = ensemble(job, s, z);
}

static venn_status judge(venn_job *job, venn_split_id split, venn_class_map_scores *found,
                         size_t *n)
{
    const cen_params *p = job->params;
    *n = p->inputs == BOTH ? OUTPUTS : 1;
    return venn_judge_class_maps(job, split, p->labels, p->ignore, *n, job, build_maps, found);
}

static venn_status score(void *user, venn_split_id split, double *value, double *loss_value)
{
    venn_class_map_scores found[OUTPUTS];
    size_t n;
    (void)loss_value;
    VENN_TRY(judge(user, split, found, &n));
    *value = found[n - 1].miou;
    return VENN_OK;
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    venn_class_map_scores found[OUTPUTS];
    double share;
    size_t n;
    (void)stage;
    VENN_TRY(judge(job, VENN_TEST, found, &n));
    venn_job_measure(job, "pixel_accuracy", found[n - 1].right);
    if (n == 1)
        return VENN_OK;
    venn_job_measure(job, "first_miou", found[0].miou);
    venn_job_measure(job, "second_miou", found[1].miou);
    VENN_TRY(share_below(job, 0, &share));
    venn_job_measure(job, "first_below", share);
    VENN_TRY(share_below(job, 1, &share));
    venn_job_measure(job, "second_below", share);
    return VENN_OK;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status add_place(const venn_job *job, const char *place, size_t length)
{
    const cen_params *p = job->params;
    cen_state *state = job->state;
    char *name = venn_format("%.*s.weight", (int)length, place);
    if (!name)
        return VENN_NO_MEMORY;
    const venn_net_param *gamma = venn_net_param_find(job->student, name);
    free(name);
    const venn_shape shape = gamma ? venn_var_shape(gamma->var) : VENN_SCALAR;
    const bool fits = p->private_norms ? shape.rank == 2 && shape.dim[0] == SIDES : shape.rank == 1;
    if (!fits)
        return venn_fail(VENN_BAD_ARG, "%.*s is no batch norm of %s", (int)length, place,
                         p->private_norms ? "two sets: give it sets: 2"
                                          : "one set, as without private norms");
    if (state->n == EXCHANGES)
        return venn_fail(VENN_BAD_ARG, "channels are exchanged at more than %d places", EXCHANGES);
    // The net's own copy of the name, which ends where it should.
    for (size_t i = 0; i < venn_net_n_layers(job->student); i++) {
        const char *full = venn_net_layer(job->student, i).name;
        if (strlen(full) == length && strncmp(full, place, length) == 0)
            state->place[state->n] = full;
    }
    state->gamma[state->n++] = gamma;
    return VENN_OK;
}

static venn_status add_named(const venn_job *job, const char *names)
{
    for (const char *at = names; *at;) {
        const size_t length = strcspn(at, " ");
        if (length)
            VENN_TRY(add_place(job, at, length));
        at += length + (at[length] == ' ');
    }
    return VENN_OK;
}

// What is inside a block stands right behind it.
static venn_status add_bottlenecks(const venn_job *job)
{
    const size_t n = venn_net_n_layers(job->student);
    for (size_t i = 0; i < n; i++) {
        size_t norms = 0;
        if (venn_net_layer(job->student, i).kind != VENN_LAYER_BOTTLENECK)
            continue;
        for (size_t k = i + 1; k < n && norms < 2; k++) {
            const venn_layer_info inside = venn_net_layer(job->student, k);
            if (inside.kind == VENN_LAYER_BATCH_NORM && ++norms == 2)
                VENN_TRY(add_place(job, inside.name, strlen(inside.name)));
        }
    }
    return VENN_OK;
}

static venn_status check_student(const venn_job *job)
{
    const venn_shape out = venn_net_output_shape(job->student);
    if (job->n_student_inputs != 1 || out.rank != 3 || out.dim[0] != job->data->class_count)
        return venn_fail(VENN_BAD_ARG,
                         "the student takes one modality and gives maps of the data's %d classes",
                         job->data->class_count);
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    static const float ones[SIDES] = {1, 1};
    const cen_params *p = job->params;
    cen_state *state = job->state;
    VENN_TRY(check_student(job));
    if (p->inputs == BOTH) {
        VENN_TRY(p->places ? add_named(job, p->places) : add_bottlenecks(job));
        if (state->n == 0)
            return venn_fail(VENN_BAD_ARG, "the student has no bottleneck whose channels could be "
                                           "exchanged: name batch norms in places");
        VENN_TRY(
            venn_job_var(job, "alpha", VENN_F32, VENN_SHAPE(SIDES), true, ones, &state->alpha));
    }
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (stage)
        stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_cen = {
    .name = "cen",
    .summary = "one network for two modalities, with norms of each one's own, that exchange the "
               "channels whose scale has vanished; names the class of every pixel",
    .reference = "Wang, Huang, Sun, Xu, Rong, Huang: Deep Multimodal Fusion by Channel Exchanging, "
                 "NeurIPS 2020",
    .status = "target met: half of the penalised scales vanish, a threshold of 0 trades nothing",
    .needs = 0,
    .equations = equations,
    .params_size = sizeof(cen_params),
    .params = params,
    .state_size = sizeof(cen_state),
    .score = "miou",
    .alone = true,
    .objective = {.loss = loss, .epoch_end = epoch_end, .score = score},
    .setup = setup,
};

// competition: how modalities compete in joint training. The student is the paper's late fusion without a head:
// `copies` units per class look at each modality, sigma = smoothed_relu,
//   f_j(x) = sum over modalities r and l < copies of sigma(<w_rjl, x_r>),   loss = CE(y, f).
// Measured is which modalities each class learned: Gamma_rj = max over l of [<w_rjl, M_rj>]+, with M_rj the
// direction of the mean of class j in modality r.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "distill/block_accuracy.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { INPUTS = 2 };

typedef struct competition_params {
    int copies;
    double init, learned, lost;
    bool controls;
} competition_params;

typedef struct competition_state {
    venn_net *alone[INPUTS];
    float *means[INPUTS];  // [classes, width]: directions of the classes, of length 1
    float *weights;        // room for one modality's
    int64_t width[INPUTS]; // of its samples
} competition_state;

static const venn_method_param params[] = {
    VENN_PARAM_INT(competition_params, copies, 4, 1, 4096,
                   "units per class and modality: a branch gives classes times as many values",
                   "reference run; the theory wants several"),
    VENN_PARAM_FLOAT(competition_params, init, 0.02, 1e-9, 10,
                     "standard deviation of the first weights", "reference run"),
    VENN_PARAM_FLOAT(competition_params, learned, 1, 0, 1e6,
                     "a class has learned a modality whose Gamma is above this", "reference run"),
    VENN_PARAM_FLOAT(competition_params, lost, 0.2, 0, 1,
                     "a learned class is monopolised where the lesser Gamma is below this share of "
                     "the greater",
                     "reference run"),
    VENN_PARAM_BOOL(competition_params, controls, 1,
                    "train each modality's branch alone as well (measures first_alone_accuracy, "
                    "second_alone_accuracy)",
                    "the paper's comparison"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, f), f_j = sum over modalities r and l of sigma(<w_rjl, x_r>)"},
    {"learned",
     "share of classes with max_r Gamma_rj > learned, Gamma_rj = max_l [<w_rjl, M_rj>]+"},
    {"monopolised", "share of these with min_r Gamma_rj < lost max_r Gamma_rj"},
    {"first_wins", "share of these with Gamma_1j > Gamma_2j"},
    {"loss", "ce"},
    {0}};

// ---- Steps -----------------------------------------------------------------------------------

// [B, classes copies] -> [B, classes]
static venn_tensor sum_copies(const venn_job *job, venn_step *s, venn_tensor z)
{
    const competition_params *p = job->params;
    const int64_t rows = venn_tensor_shape(s->g, z).dim[0];
    z = venn_reshape(s->g, z, VENN_SHAPE(rows, job->data->class_count, p->copies));
    return venn_sum(s->g, z, &(venn_reduce_params){.axes = 1u << 2});
}

static venn_tensor logits(const venn_job *job, venn_step *s, const venn_net *net)
{
    return sum_copies(job, s, venn_step_apply(s, net, NULL));
}

static venn_tensor joint_logits(void *user, venn_step *s)
{
    const venn_job *job = user;
    return logits(job, s, job->student);
}

static venn_tensor first_logits(void *user, venn_step *s)
{
    const venn_job *job = user;
    return logits(job, s, ((const competition_state *)job->state)->alone[0]);
}

static venn_tensor second_logits(void *user, venn_step *s)
{
    const venn_job *job = user;
    return logits(job, s, ((const competition_state *)job->state)->alone[1]);
}

static venn_tensor loss_of(venn_step *s, venn_tensor z)
{
    venn_step_count(s, z);
    return venn_step_ce(s, z);
}

static venn_tensor joint_loss(void *user, venn_step *s)
{
    venn_step_term(s, "learned", VENN_NONE);
    venn_step_term(s, "monopolised", VENN_NONE);
    venn_step_term(s, "first_wins", VENN_NONE);
    return loss_of(s, joint_logits(user, s));
}

static venn_tensor first_loss(void *user, venn_step *s)
{
    return loss_of(s, first_logits(user, s));
}

static venn_tensor second_loss(void *user, venn_step *s)
{
    return loss_of(s, second_logits(user, s));
}

// ---- Who wins --------------------------------------------------------------------------------

static venn_var *weights_of(const venn_job *job, size_t r)
{
    return venn_net_param_at(job->student, r)->var;
}

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

// gamma[class] of one modality.
static venn_status measure_gamma(const venn_job *job, size_t r, double *gamma)
{
    const competition_params *p = job->params;
    const competition_state *state = job->state;
    const int64_t d = state->width[r];
    const venn_var *weights = weights_of(job, r);
    VENN_TRY(venn_var_read(weights, state->weights, venn_var_bytes(weights)));
    for (int32_t j = 0; j < job->data->class_count; j++) {
        gamma[j] = 0;
        for (int l = 0; l < p->copies; l++)
            gamma[j] = fmax(gamma[j], dot(state->weights + (j * p->copies + l) * d,
                                          state->means[r] + j * d, d));
    }
    return VENN_OK;
}

typedef struct outcome {
    double learned, monopolised, first_wins;
} outcome;

static venn_status judge(const venn_job *job, outcome *out)
{
    const competition_params *p = job->params;
    const int32_t classes = job->data->class_count;
    double *gamma = venn_alloc((size_t)classes * INPUTS, sizeof *gamma);
    venn_status status = gamma ? VENN_OK : VENN_NO_MEMORY;
    for (size_t r = 0; r < INPUTS && status == VENN_OK; r++)
        status = measure_gamma(job, r, gamma + r * (size_t)classes);
    int learned = 0, monopolised = 0, first = 0;
    for (int32_t j = 0; j < classes && status == VENN_OK; j++) {
        const double a = gamma[j], b = gamma[classes + j];
        if (fmax(a, b) <= p->learned)
            continue;
        learned++;
        monopolised += fmin(a, b) < p->lost * fmax(a, b);
        first += a > b;
    }
    free(gamma);
    *out = (outcome){(double)learned / classes, learned ? (double)monopolised / learned : 0,
                     learned ? (double)first / learned : 0};
    return status;
}

static venn_status epoch_end(void *user, venn_metrics *metrics)
{
    outcome o;
    VENN_TRY(judge(user, &o));
    VENN_TRY(venn_metrics_set(metrics, "learned", o.learned));
    VENN_TRY(venn_metrics_set(metrics, "monopolised", o.monopolised));
    return venn_metrics_set(metrics, "first_wins", o.first_wins);
}

static void build_alone(void *user, venn_step *s, venn_tensor *z)
{
    const venn_job *job = user;
    const competition_state *state = job->state;
    for (size_t r = 0; r < INPUTS; r++)
        z[r] = logits(job, s, state->alone[r]);
}

static venn_status end_joint(venn_job *job, venn_job_stage *stage)
{
    const competition_params *p = job->params;
    outcome o;
    (void)stage;
    VENN_TRY(judge(job, &o));
    venn_job_measure(job, "learned", o.learned);
    venn_job_measure(job, "monopolised", o.monopolised);
    venn_job_measure(job, "first_wins", o.first_wins);
    return p->controls ? venn_measure_accuracies(job, INPUTS, venn_alone_accuracy, job, build_alone)
                       : VENN_OK;
}

// ---- Set-up ----------------------------------------------------------------------------------

static venn_status check_student(const venn_job *job)
{
    const competition_params *p = job->params;
    const competition_state *state = job->state;
    const int64_t units = (int64_t)job->data->class_count * p->copies;
    bool fits = job->n_student_inputs == INPUTS && venn_net_n_params(job->student) == INPUTS;
    for (size_t r = 0; fits && r < INPUTS; r++) {
        const venn_shape w = venn_var_shape(weights_of(job, r));
        fits = w.rank == 2 && w.dim[0] == units && w.dim[1] == state->width[r];
    }
    if (fits)
        return VENN_OK;
    return venn_fail(VENN_BAD_ARG,
                     "the student must be two inputs, each with a network of "
                     "one linear layer (out: %lld, no_bias: true), then a smoothed_relu, and "
                     "fusion: sum",
                     (long long)units);
}

static venn_status add_means(venn_job *job, size_t r)
{
    competition_state *state = job->state;
    const venn_split *train = &job->data->split[VENN_TRAIN];
    const int64_t d = state->width[r];
    int32_t index;
    VENN_TRY(venn_dataset_modality(job->data, job->student_modalities[r], &index));
    state->means[r] = venn_alloc((size_t)(job->data->class_count * d), sizeof *state->means[r]);
    if (!state->means[r])
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < train->n; i++) {
        const float *x = venn_dataset_item(job->data, VENN_TRAIN, index, i);
        for (int64_t k = 0; k < d; k++)
            state->means[r][train->labels[i] * d + k] += x[k];
    }
    for (int32_t j = 0; j < job->data->class_count; j++) {
        float *mean = state->means[r] + j * d;
        const double length = sqrt(dot(mean, mean, d));
        for (int64_t k = 0; k < d; k++)
            mean[k] = length > 0 ? (float)((double)mean[k] / length) : 0;
    }
    return VENN_OK;
}

// Small Gaussian weights: what the theory starts from.
static venn_status begin_net(const venn_job *job, const venn_net *net, uint32_t stream)
{
    const competition_params *p = job->params;
    const competition_state *state = job->state;
    for (size_t i = 0; i < venn_net_n_params(net); i++) {
        venn_var *var = venn_net_param_at(net, i)->var;
        venn_rng rng = venn_rng_make(job->seed, 0x636f6d70, stream + (uint32_t)i);
        const size_t bytes = venn_var_bytes(var);
        for (size_t k = 0; k < bytes / sizeof *state->weights; k++)
            state->weights[k] = (float)p->init * venn_rng_normal(&rng);
        VENN_TRY(venn_var_write(var, state->weights, bytes));
    }
    return VENN_OK;
}

static venn_status begin_joint(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return begin_net(job, job->student, 0);
}

// From the weights that the modality starts with in joint training.
static venn_status begin_alone(venn_job *job, venn_job_stage *stage)
{
    const competition_state *state = job->state;
    const uint32_t r = stage->main == state->alone[1];
    return begin_net(job, stage->main, r);
}

static venn_status allocate(venn_job *job)
{
    const competition_params *p = job->params;
    competition_state *state = job->state;
    int64_t widest = 0;
    for (size_t r = 0; r < job->n_student_inputs && r < INPUTS; r++) {
        int32_t index;
        VENN_TRY(venn_dataset_modality(job->data, job->student_modalities[r], &index));
        state->width[r] = venn_shape_count(&job->data->modalities[index].shape);
        widest = state->width[r] > widest ? state->width[r] : widest;
    }
    const size_t units = (size_t)job->data->class_count * (size_t)p->copies;
    state->weights = venn_alloc(units * (size_t)widest + 1, sizeof *state->weights);
    return state->weights ? VENN_OK : VENN_NO_MEMORY;
}

// Nothing trains in the stage but `net`, to the end.
static venn_job_stage *add_stage(venn_job *job, const char *name, venn_net *net)
{
    const competition_state *state = job->state;
    venn_net *const all[] = {job->student, state->alone[0], state->alone[1]};
    venn_job_stage *stage = venn_job_add_stage(job, name);
    if (!stage)
        return NULL; // the job keeps the error
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] && all[i] != net)
            venn_stage_net(stage, all[i])->role = VENN_NET_FROZEN;
    stage->main = net;
    stage->fit.keep_last = true;
    return stage;
}

static void add_alone(venn_job *job, size_t r)
{
    static const char *const names[] = {"first", "second"};
    venn_job_stage *stage = add_stage(job, names[r], ((competition_state *)job->state)->alone[r]);
    if (!stage)
        return;
    stage->objective.loss = r ? second_loss : first_loss;
    stage->objective.predict = r ? second_logits : first_logits;
    stage->begin = begin_alone;
}

static venn_status setup(venn_job *job)
{
    static const char *const names[] = {"first", "second"};
    const competition_params *p = job->params;
    competition_state *state = job->state;
    VENN_TRY(allocate(job));
    VENN_TRY(check_student(job));
    for (size_t r = 0; r < INPUTS; r++)
        VENN_TRY(add_means(job, r));
    for (size_t r = 0; p->controls && r < INPUTS; r++)
        VENN_TRY(venn_job_input_net(job, names[r], VENN_JOB_STUDENT, r, &state->alone[r]));
    for (size_t r = 0; p->controls && r < INPUTS; r++)
        add_alone(job, r);
    venn_job_stage *stage = add_stage(job, "distilled", job->student);
    if (!stage)
        return VENN_OK;
    stage->objective.loss = joint_loss;
    stage->objective.predict = joint_logits;
    stage->objective.epoch_end = epoch_end;
    stage->begin = begin_joint;
    stage->end = end_joint;
    return VENN_OK;
}

static void finish(venn_job *job)
{
    competition_state *state = job->state;
    for (size_t r = 0; r < INPUTS; r++)
        free(state->means[r]);
    free(state->weights);
}

const venn_method venn_method_competition = {
    .name = "competition",
    .summary = "joint training of late fusion, and which modality each class learned: CE(y, sum_r "
               "sum_l sigma(<w_rjl, x_r>))",
    .reference =
        "Huang, Lin, Zhou, Yang, Huang: Modality Competition: What Makes Joint Training of "
        "Multi-modal Network Fail in Deep Learning?, ICML 2022",
    .status = "target met: most learned classes belong to one modality alone",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(competition_params),
    .params = params,
    .state_size = sizeof(competition_state),
    .alone = true,
    .objective = {.loss = joint_loss},
    .setup = setup,
    .finish = finish,
};

// mla: multimodal learning with alternating unimodal adaptation. Encoders share one linear head; every batch is used
// modality by modality, each with a forward, a backward and a step of its own, and the head's gradient is
// projected away from what it has been taught by the features before. Predictions are weighted by how
// certain each modality is.
//   for m: loss_m = CE(y, W h_m + b); P -= k k^T / (a + k . h), k = P h, h = mean of h_m; dW <- dW P^T
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/block_late_fusion.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = LATE_FUSION_MAX };

typedef struct mla_params {
    bool projection, normalise, controls;
    int fusion;
} mla_params;

typedef struct mla_state {
    late_fusion student, joint;
    venn_net *joint_net; // the same network trained on its fused logits; NULL without controls
    venn_var *projector; // P
    // Of the step under construction, for the gradient hook.
    size_t modality;
    venn_tensor mean; // of its features
} mla_state;

enum { FUSE_ENTROPY, FUSE_MEAN };
static const char *const fusions[] = {"entropy", "mean", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_BOOL(
        mla_params, projection, 1, "project the head's gradient",
        "paper; the released code looks for a parameter by a wrong name and never does"),
    VENN_PARAM_BOOL(mla_params, normalise, 1, "divide P by its Frobenius norm after every update",
                    "official code; it shortens the head's steps"),
    VENN_PARAM_ENUM(mla_params, fusion, FUSE_ENTROPY, fusions,
                    "of predictions: entropy: weights softmax(-entropy), per sample; mean: equal",
                    "paper; the released code takes the entropy over the batch"),
    VENN_PARAM_BOOL(mla_params, controls, 0,
                    "train the same network on its fused logits as well (measures joint_...)",
                    "the paper's comparison, off to save time"),
    {0}};

static const venn_method_equation equations[] = {
    {"first_ce", "CE(y, W h_1 + b), then a step of encoder 1 and of W, b"},
    {"second_ce", "CE(y, W h_2 + b) with the new W, b, then a step of encoder 2 and of W, b"},
    {"third_ce", "the same of the third modality"},
    {"fourth_ce", "and of the fourth"},
    {"ce", "of the control: CE(y, mean over m of W h_m + b)"},
    {"projection",
     "k = P h, h = batch mean of h_m; P <- P - k k^T / (a + k . h), then P <- P / |P|; "
     "dW <- dW P^T; a = 0.1^(1 + batch / batches); the very first step is left alone"},
    {"predict", "sum_m w_m (W h_m + b), w = softmax over m of -entropy(softmax(W h_m + b))"},
    {0}};

static const char *const terms[MOST] = {"first_ce", "second_ce", "third_ce", "fourth_ce"};
static const char *const joint[MOST + 1] = {
    "joint_first_alone_accuracy", "joint_second_alone_accuracy", "joint_third_alone_accuracy",
    "joint_fourth_alone_accuracy", "joint_accuracy"};

// ---- A step ----------------------------------------------------------------------------------

// Features before their head has seen any of the steps, as each encoder knows its own loss alone.
static void build(void *user, venn_step *s)
{
    const venn_job *job = user;
    mla_state *state = job->state;
    const size_t n = state->student.n;
    venn_tensor h[MOST] = {{0}}, sum = VENN_NONE;
    venn_late_fusion_apply(job->student, s, h);
    for (size_t m = 0; m < n; m++) {
        venn_tensor z = venn_late_fusion_alone(&state->student, s, m, h[m]);
        venn_tensor ce = venn_cross_entropy(s->g, z, venn_step_labels(s, NULL), NULL);
        venn_step_term(s, terms[m], ce);
        state->modality = m;
        state->mean = venn_stop_gradient(
            s->g, venn_mean(s->g, h[m], &(venn_reduce_params){.axes = 1, .keepdims = true}));
        venn_step_minimize(s, ce, 0, NULL);
        sum = m ? venn_add(s->g, sum, z) : z;
    }
    venn_step_count(s, sum);
}

static venn_tensor scalar(venn_step *s, const char *name)
{
    venn_tensor found = venn_graph_find_input(s->g, name);
    return found.id ? found : venn_step_scalar(s, name);
}

// P after the features' mean h [1, d] has been taken out of what may still change.
static venn_tensor narrowed(venn_step *s, const mla_params *p, venn_tensor projector, venn_tensor h)
{
    const venn_matmul_params to_rows = {.trans_b = true}, outer = {.trans_a = true};
    venn_tensor k = venn_matmul(s->g, h, projector, VENN_NONE, &to_rows); // (P h)^T
    venn_tensor below =
        venn_add(s->g, scalar(s, "forgetting"), venn_matmul(s->g, k, h, VENN_NONE, &to_rows));
    venn_tensor taken = venn_div(s->g, venn_matmul(s->g, k, k, VENN_NONE, &outer), below);
    venn_tensor left = venn_sub(s->g, projector, taken);
    if (!p->normalise)
        return left;
    venn_tensor squares = venn_sum(s->g, venn_square(s->g, left), NULL);
    return venn_div(s->g, left, venn_sqrt(s->g, squares));
}

static venn_tensor gradient(void *user, venn_step *s, const venn_var *var, venn_tensor g)
{
    const venn_job *job = user;
    const mla_params *p = job->params;
    const mla_state *state = job->state;
    if (!p->projection || var != state->student.weight)
        return g;
    venn_tensor projector = venn_graph_var(s->g, state->projector);
    venn_tensor next = narrowed(s, p, projector, state->mean);
    venn_tensor projected =
        venn_matmul(s->g, g, next, VENN_NONE, &(venn_matmul_params){.trans_b = true});
    if (state->modality == 0) { // the training's first step is neither projected nor remembered
        venn_tensor begun = scalar(s, "begun");
        next = venn_where(s->g, begun, next, projector);
        projected = venn_where(s->g, begun, projected, g);
    }
    venn_ema(s->g, 1, &projector, &next, VENN_NONE, VENN_NONE, &(venn_ema_params){.momentum = -1});
    return projected;
}

static venn_status feed(void *user, const venn_step_feed *f)
{
    const venn_job *job = user;
    const mla_params *p = job->params;
    if (!p->projection)
        return VENN_OK;
    const uint64_t steps = f->total / f->epochs;
    venn_feed_scalar(f, "forgetting", pow(0.1, 1 + (double)(f->step % steps) / (double)steps));
    venn_feed_scalar(f, "begun", f->step > 0);
    return VENN_OK;
}

// ---- Predictions -----------------------------------------------------------------------------

// [B, 1]: minus the entropy of the prediction.
static venn_tensor certainty(venn_step *s, venn_tensor z)
{
    venn_tensor products = venn_mul(s->g, venn_softmax(s->g, z), venn_log_softmax(s->g, z));
    return venn_sum(s->g, products, &(venn_reduce_params){.axes = 2, .keepdims = true});
}

static venn_tensor fuse(venn_step *s, size_t n, const venn_tensor *z, bool equal)
{
    venn_tensor weights[MOST], sum = VENN_NONE;
    for (size_t m = 0; m < n; m++)
        weights[m] = certainty(s, z[m]);
    venn_tensor all = venn_softmax(s->g, venn_concat(s->g, n, weights, 1));
    for (size_t m = 0; m < n; m++) {
        venn_tensor one = equal ? venn_scale(s->g, z[m], 1.0f / (float)n, 0)
                                : venn_mul(s->g, z[m], venn_slice(s->g, all, 1, (int64_t)m, 1));
        sum = m ? venn_add(s->g, sum, one) : one;
    }
    return sum;
}

static void logits_alone(const late_fusion *f, venn_step *s, venn_tensor *z)
{
    venn_tensor h[MOST] = {{0}};
    venn_late_fusion_apply(f->net, s, h);
    for (size_t m = 0; m < f->n; m++)
        z[m] = venn_late_fusion_alone(f, s, m, h[m]);
}

static venn_tensor predict(void *user, venn_step *s)
{
    const venn_job *job = user;
    const mla_params *p = job->params;
    const mla_state *state = job->state;
    venn_tensor z[MOST] = {{0}};
    logits_alone(&state->student, s, z);
    return fuse(s, state->student.n, z, p->fusion == FUSE_MEAN);
}

static void build_alone(void *user, venn_step *s, venn_tensor *z)
{
    logits_alone(&((const mla_state *)((const venn_job *)user)->state)->student, s, z);
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    const mla_state *state = job->state;
    (void)stage;
    return venn_measure_accuracies(job, state->student.n, venn_alone_accuracy, job, build_alone);
}

// ---- The control -----------------------------------------------------------------------------

static venn_tensor joint_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    return venn_step_ce(s, venn_step_apply(s, ((const mla_state *)job->state)->joint_net, NULL));
}

static venn_status begin_joint(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_net_copy(((mla_state *)job->state)->joint_net, job->student);
}

static void build_joint(void *user, venn_step *s, venn_tensor *z)
{
    const late_fusion *f = &((const mla_state *)((const venn_job *)user)->state)->joint;
    venn_tensor h[MOST] = {{0}};
    z[f->n] = venn_late_fusion_apply(f->net, s, h);
    for (size_t m = 0; m < f->n; m++)
        z[m] = venn_late_fusion_alone(f, s, m, h[m]);
}

static venn_status measure_joint(venn_job *job, venn_job_stage *stage)
{
    const mla_state *state = job->state;
    const size_t n = state->joint.n;
    const char *names[MOST + 1];
    (void)stage;
    for (size_t m = 0; m < n; m++)
        names[m] = joint[m];
    names[n] = joint[MOST];
    return venn_measure_accuracies(job, n + 1, names, job, build_joint);
}

static venn_status add_control(venn_job *job)
{
    mla_state *state = job->state;
    VENN_TRY(venn_job_clone(job, "joint", VENN_JOB_STUDENT, &state->joint_net));
    VENN_TRY(venn_late_fusion_of(&state->joint, state->joint_net, VENN_FUSE_MEAN, "mla"));
    venn_job_stage *stage = venn_job_add_stage(job, "joint");
    if (!stage)
        return VENN_OK; // the job keeps the error
    venn_stage_net(stage, job->student)->role = VENN_NET_FROZEN;
    stage->main = state->joint_net;
    stage->objective = (venn_objective){.user = job, .loss = joint_loss};
    stage->begin = begin_joint;
    stage->end = measure_joint;
    return VENN_OK;
}

// ---- The method ------------------------------------------------------------------------------

static venn_status make_projector(venn_job *job, int64_t d)
{
    mla_state *state = job->state;
    float *identity = venn_alloc((size_t)(d * d), sizeof *identity);
    if (!identity)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < d; i++)
        identity[i * d + i] = 1;
    venn_status status = venn_job_var(job, "projector", VENN_F32, VENN_SHAPE(d, d), false, identity,
                                      &state->projector);
    free(identity);
    return status;
}

static venn_status setup(venn_job *job)
{
    const mla_params *p = job->params;
    mla_state *state = job->state;
    VENN_TRY(venn_late_fusion_of(&state->student, job->student, VENN_FUSE_MEAN, "mla"));
    if (p->projection)
        VENN_TRY(make_projector(job, state->student.width[0]));
    if (p->controls)
        VENN_TRY(add_control(job));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK;
    if (state->joint_net)
        venn_stage_net(stage, state->joint_net)->role = VENN_NET_FROZEN;
    stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_mla = {
    .name = "mla",
    .summary =
        "alternating unimodal adaptation: one modality after the other trains its encoder and "
        "a shared head, whose gradient is projected; certainty weighs predictions",
    .reference = "Zhang, Yoon, Bansal, Yao: Multimodal Representation Learning by Alternating "
                 "Unimodal Adaptation, CVPR 2024",
    .status = "target met: the weak modality's accuracy exceeds that of joint training",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_MEMORY,
    .equations = equations,
    .params_size = sizeof(mla_params),
    .params = params,
    .state_size = sizeof(mla_state),
    .objective = {.build = build, .gradient = gradient, .feed = feed, .predict = predict},
    .setup = setup,
};

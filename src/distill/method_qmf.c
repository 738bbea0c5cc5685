// qmf: quality-aware multimodal fusion. Every modality decides by itself; decisions are added up by how
// confident each is, and confidence is trained to be lower for samples that have cost more so far.
//   z = sum_m u_m z_m, u_m = logsumexp(z_m) / 10, a constant;  L = CE(z) + sum_m CE(z_m) + weight sum_m rank_m
//   rank_m = mean over b of max(0, |d| + sign(d) (u_m[b] - u_m[b+1])), d = cost_m[b] - cost_m[b+1]
#include <string.h>

#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/block_late_fusion.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = LATE_FUSION_MAX };

typedef struct qmf_params {
    double weight;
} qmf_params;

typedef struct qmf_state {
    size_t n;
    venn_var *cost[MOST]; // [training pairs]: losses so far, added up
} qmf_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(qmf_params, weight, 0.1, 0, 1e6, "of the ranking of confidences",
                     "MLA's official code, for its comparison"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z), z = sum_m u_m z_m, u_m = logsumexp(z_m) / 10, no gradient through u_m"},
    {"alone_ce", "sum_m CE(y, z_m)"},
    {"rank",
     "sum_m mean over b of max(0, |d| + sign(d) (u_m[b] - u_m[b+1])), d = cost_m[b] - "
     "cost_m[b+1]; cost_m: each sample's CE(y, z_m) so far, scaled to [0, 1] over all samples"},
    {"loss", "ce + alone_ce + weight rank"},
    {0}};

static const char *const cost_names[MOST] = {"first_cost", "second_cost", "third_cost",
                                             "fourth_cost"};

// [B, 1]
static venn_tensor confidence(venn_step *s, venn_tensor z)
{
    const venn_reduce_params rows = {.axes = 2, .keepdims = true};
    return venn_scale(s->g, venn_logsumexp(s->g, z, &rows), 0.1f, 0);
}

static venn_tensor fuse(venn_step *s, size_t n, const venn_tensor *z)
{
    venn_tensor sum = VENN_NONE;
    for (size_t m = 0; m < n; m++) {
        venn_tensor u = venn_stop_gradient(s->g, confidence(s, z[m]));
        venn_tensor one = venn_mul(s->g, z[m], u);
        sum = m ? venn_add(s->g, sum, one) : one;
    }
    return sum;
}

// x[b] - x[b + 1], behind the last row the first.
static venn_tensor to_next(venn_step *s, venn_tensor x)
{
    venn_tensor parts[] = {venn_slice(s->g, x, 0, 1, 0), venn_slice(s->g, x, 0, 0, 1)};
    return venn_sub(s->g, x, venn_concat(s->g, 2, parts, 0));
}

static venn_tensor ranking(venn_step *s, venn_tensor cost, venn_tensor pair, venn_tensor z)
{
    const venn_shape column = VENN_SHAPE(s->batch, 1);
    venn_tensor least = venn_min(s->g, cost, NULL);
    venn_tensor range = venn_sub(s->g, venn_max(s->g, cost, NULL), least);
    venn_tensor own = venn_sub(s->g, venn_index_select(s->g, cost, pair, 0), least);
    own = venn_div(s->g, own, venn_scale(s->g, range, 1, 1e-12f));
    venn_tensor d = venn_stop_gradient(s->g, to_next(s, venn_reshape(s->g, own, column)));
    venn_tensor u = to_next(s, confidence(s, z));
    venn_tensor wrong = venn_add(s->g, venn_abs(s->g, d), venn_mul(s->g, venn_sign(s->g, d), u));
    return venn_mean(s->g, venn_relu(s->g, wrong), NULL);
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const qmf_params *p = job->params;
    const qmf_state *state = job->state;
    const venn_cross_entropy_params rows = {.reduction = VENN_REDUCE_NONE};
    venn_tensor z[MOST] = {{0}}, single = VENN_NONE, rank = VENN_NONE;
    venn_late_fusion_apply(job->student, s, z);
    venn_tensor fused = fuse(s, state->n, z);
    venn_step_count(s, fused);
    venn_tensor ce = venn_step_ce(s, fused);
    venn_tensor pair = venn_step_input(s, "pair", VENN_I32, VENN_SHAPE(s->batch));
    for (size_t m = 0; m < state->n; m++) {
        venn_tensor cost = venn_graph_var(s->g, state->cost[m]);
        venn_tensor each = venn_cross_entropy(s->g, z[m], venn_step_labels(s, NULL), &rows);
        venn_tensor one = venn_mean(s->g, each, NULL), order = ranking(s, cost, pair, z[m]);
        venn_tensor next = venn_index_add(s->g, cost, pair, venn_stop_gradient(s->g, each), 0);
        venn_ema(s->g, 1, &cost, &next, one, VENN_NONE, &(venn_ema_params){.momentum = -1});
        single = m ? venn_add(s->g, single, one) : one;
        rank = m ? venn_add(s->g, rank, order) : order;
    }
    venn_step_term(s, "alone_ce", single);
    venn_step_term(s, "rank", rank);
    return venn_add(s->g, venn_add(s->g, ce, single), venn_scale(s->g, rank, (float)p->weight, 0));
}

static venn_status feed(void *user, const venn_step_feed *f)
{
    size_t bytes;
    (void)user;
    void *pair = venn_feed_input(f, "pair", &bytes);
    memcpy(pair, f->batch->pair, bytes);
    return VENN_OK;
}

static venn_tensor predict(void *user, venn_step *s)
{
    const venn_job *job = user;
    venn_tensor z[MOST] = {{0}};
    venn_late_fusion_apply(job->student, s, z);
    return fuse(s, ((const qmf_state *)job->state)->n, z);
}

static void build_alone(void *user, venn_step *s, venn_tensor *z)
{
    venn_late_fusion_apply(((const venn_job *)user)->student, s, z);
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_measure_accuracies(job, ((qmf_state *)job->state)->n, venn_alone_accuracy, job,
                                   build_alone);
}

static venn_status setup(venn_job *job)
{
    qmf_state *state = job->state;
    const venn_net *net = job->student;
    const size_t n = venn_net_n_branches(net);
    const venn_layer_info last = venn_net_layer(net, venn_net_n_layers(net) - 1);
    state->n = n;
    // The last layer belongs to the last branch: there is no head.
    if (n < 2 || n > MOST || venn_net_fusion(net) == VENN_FUSE_CONCAT ||
        strcmp(venn_net_branch_end(net, n - 1), last.name) != 0)
        return venn_fail(VENN_BAD_ARG,
                         "method qmf: the student needs 2 to %d inputs whose networks end in "
                         "logits, fusion: sum or mean, and no head",
                         MOST);
    for (size_t m = 0; m < n; m++)
        VENN_TRY(venn_job_var(job, cost_names[m], VENN_F32,
                              VENN_SHAPE(job->data->split[VENN_TRAIN].n), false, NULL,
                              &state->cost[m]));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (stage)
        stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_qmf = {
    .name = "qmf",
    .summary =
        "quality-aware fusion: decisions of the modalities, weighted by a confidence that is "
        "trained to rank samples by what they have cost",
    .reference = "Zhang et al.: Provable Dynamic Fusion for Low-Quality Multimodal Data, ICML 2023",
    .status = "baseline",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_MEMORY,
    .equations = equations,
    .params_size = sizeof(qmf_params),
    .params = params,
    .state_size = sizeof(qmf_state),
    .objective = {.loss = loss, .feed = feed, .predict = predict},
    .setup = setup,
};

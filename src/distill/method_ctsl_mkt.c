// ctsl-mkt: collaborative learning by transfer of several kinds of knowledge. Two peers train together. Each follows the
// labels, the other's answers, how samples lie to each other in the other's features, and what its own
// architecture answered when it had been trained alone.
//   loss_k = alpha CE(y, z_k) + beta MD_k + gamma KL(softmax(self_k / t) || softmax(z_k / t))
//   MD_k = D(h_k, h_other) + beta1 A(h_k, h_other) + beta2 KL(softmax(z_other) || softmax(z_k))
#include <stdlib.h>

#include "base/status.h"
#include "distill/block_features.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { PEERS = 2 };

typedef struct ctsl_params {
    double alpha, beta, gamma, beta1, beta2, temperature;
    bool t_squared, logits;
    int pretrain_epochs;
} ctsl_params;

typedef struct ctsl_state {
    venn_net *net[PEERS], *self[PEERS]; // net[0] is the student; self is NULL if gamma is 0
    const char *features[PEERS];
} ctsl_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(ctsl_params, alpha, 0.1, 0, 1e6, "weight of the labels",
                     "chosen here, after teacher-free distillation: the paper's is not known"),
    VENN_PARAM_FLOAT(ctsl_params, beta, 0.05, 0, 1e6, "weight of the other peer",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(ctsl_params, gamma, 0.9, 0, 1e6,
                     "weight of the own earlier training; 0: there is none",
                     "chosen here, after teacher-free distillation: the paper's is not known"),
    VENN_PARAM_FLOAT(ctsl_params, beta1, 2, 0, 1e6, "weight of angles, distances having 1",
                     "Park et al.'s relation of the two: the paper's is not known"),
    VENN_PARAM_FLOAT(ctsl_params, beta2, 1, 0, 1e6, "weight of the other's answers",
                     "chosen here: the paper's is not known"),
    VENN_PARAM_FLOAT(ctsl_params, temperature, 20, 1e-3, 1e3, "t, of the own earlier training",
                     "chosen here, after teacher-free distillation: the paper's is not known"),
    VENN_PARAM_BOOL(ctsl_params, t_squared, 0, "multiply that divergence by t^2",
                    "the paper's equation (a secondary source) has no such factor"),
    VENN_PARAM_BOOL(ctsl_params, logits, 0, "relate samples by logits, not by features",
                    "chosen here: the paper leaves it open, and features say more"),
    VENN_PARAM_INT(ctsl_params, pretrain_epochs, 0, 0, 1e6,
                   "epochs of the training alone; 0: as many as the student's",
                   "chosen here: the paper's are not known"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"relations",
     "D(h, h_peer) + beta1 A(h, h_peer): distances in units of their mean, and angles, compared by "
     "smooth L1; h the features before the last layer, of length 1, the peer's constant"},
    {"answers", "KL(softmax(z_peer) || softmax(z)), z_peer a constant"},
    {"self", "KL(softmax(self / t) || softmax(z / t)), times t^2 with t_squared"},
    {"peer_ce", "CE(y, z_peer)"},
    {"peer_relations", "relations of the peer to the student"},
    {"peer_answers", "answers of the student to the peer"},
    {"peer_self", "self of the peer"},
    {"loss", "alpha ce + beta (relations + beta2 answers) + gamma self, and so for the peer"},
    {0}};

// ---- Alone -----------------------------------------------------------------------------------

static venn_tensor pretrain_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const ctsl_state *state = job->state;
    venn_tensor ce = venn_step_ce(s, venn_step_apply(s, state->self[0], NULL));
    venn_tensor peer_ce = venn_cross_entropy(s->g, venn_step_apply(s, state->self[1], NULL),
                                             venn_step_labels(s, NULL), NULL);
    venn_step_term(s, "peer_ce", peer_ce);
    return venn_add(s->g, ce, peer_ce);
}

// Peers begin anew afterwards, from where these do.
static venn_status begin_pretraining(venn_job *job, venn_job_stage *stage)
{
    const ctsl_state *state = job->state;
    (void)stage;
    VENN_TRY(venn_net_copy(state->self[0], state->net[0]));
    return venn_net_copy(state->self[1], state->net[1]);
}

static venn_status measure(venn_job *job, const venn_net *net, const char *name)
{
    venn_evaluation test;
    VENN_TRY(venn_job_evaluate(job, net, job->data, VENN_TEST, &test));
    venn_job_measure(job, name, test.accuracy);
    return VENN_OK;
}

static venn_status end_pretraining(venn_job *job, venn_job_stage *stage)
{
    const ctsl_state *state = job->state;
    (void)stage;
    VENN_TRY(measure(job, state->self[0], "self_accuracy"));
    return measure(job, state->self[1], "peer_self_accuracy");
}

// ---- Together --------------------------------------------------------------------------------

typedef struct peer {
    venn_tensor z, h; // logits, and what samples are related by
} peer;

static peer apply(const venn_job *job, venn_step *s, int k)
{
    const ctsl_params *p = job->params;
    const ctsl_state *state = job->state;
    venn_tap tap = {.layer = state->features[k]};
    peer out;
    out.z = venn_step_apply(s, state->net[k], &(venn_step_apply_params){.taps = &tap, .n_taps = 1});
    const venn_tensor of = p->logits ? out.z : tap.y;
    const venn_shape shape = venn_tensor_shape(s->g, of);
    out.h = venn_l2_normalize(s->g, of, (1 << shape.rank) - 2, 0);
    return out;
}

static venn_tensor term(venn_step *s, const char *name, venn_tensor value, double weight)
{
    venn_step_term(s, name, value);
    return venn_scale(s->g, value, (float)weight, 0);
}

// D + beta1 A. No gradient reaches the second operand of either.
static venn_tensor relations(const ctsl_params *p, venn_step *s, venn_tensor h, venn_tensor other)
{
    venn_tensor distances = venn_rkd_distance(s->g, h, other, NULL);
    return p->beta1 > 0
               ? venn_add(s->g, distances,
                          venn_scale(s->g, venn_rkd_angle(s->g, h, other), (float)p->beta1, 0))
               : distances;
}

static venn_tensor loss_of(const venn_job *job, venn_step *s, int k, const peer *of)
{
    static const char *const names[PEERS][4] = {
        {"ce", "relations", "answers", "self"},
        {"peer_ce", "peer_relations", "peer_answers", "peer_self"}};
    const ctsl_params *p = job->params;
    const ctsl_state *state = job->state;
    const peer *own = &of[k], *other = &of[1 - k];
    const venn_kl_div_params soft = {.temperature = (float)p->temperature,
                                     .t_squared = p->t_squared};
    venn_tensor sum =
        term(s, names[k][0], venn_cross_entropy(s->g, own->z, venn_step_labels(s, NULL), NULL),
             p->alpha);
    if (p->beta > 0) {
        sum = venn_add(s->g, sum, term(s, names[k][1], relations(p, s, own->h, other->h), p->beta));
        sum = venn_add(s->g, sum,
                       term(s, names[k][2], venn_kl_div(s->g, own->z, other->z, VENN_NONE, NULL),
                            p->beta * p->beta2));
    }
    if (p->gamma > 0) {
        venn_tensor self = venn_step_apply(s, state->self[k], NULL);
        sum = venn_add(
            s->g, sum,
            term(s, names[k][3], venn_kl_div(s->g, own->z, self, VENN_NONE, &soft), p->gamma));
    }
    return sum;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const peer of[PEERS] = {apply(job, s, 0), apply(job, s, 1)};
    return venn_add(s->g, loss_of(job, s, 0, of), loss_of(job, s, 1, of));
}

static size_t greatest(const float *row, size_t n)
{
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (row[i] > row[best])
            best = i;
    return best;
}

// The share of test items that both answer alike.
static venn_status measure_agreement(venn_job *job)
{
    const ctsl_state *state = job->state;
    const size_t n = (size_t)job->data->split[VENN_TEST].n,
                 classes = (size_t)job->data->class_count;
    float *rows = venn_alloc(2 * n * classes + 1, sizeof *rows);
    size_t alike = 0;
    venn_status status = rows ? VENN_OK : VENN_NO_MEMORY;
    for (int k = 0; k < PEERS && status == VENN_OK; k++)
        status = venn_job_forward(job, state->net[k], job->data, VENN_TEST,
                                  rows + (size_t)k * n * classes);
    for (size_t i = 0; i < n && status == VENN_OK; i++)
        alike +=
            greatest(rows + i * classes, classes) == greatest(rows + (n + i) * classes, classes);
    free(rows);
    venn_job_measure(job, "agreement", (double)alike / (double)n);
    return status;
}

static venn_status end(venn_job *job, venn_job_stage *stage)
{
    const ctsl_state *state = job->state;
    (void)stage;
    VENN_TRY(measure(job, state->net[1], "peer_accuracy"));
    return measure_agreement(job);
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status add_pretraining(venn_job *job)
{
    const ctsl_params *p = job->params;
    const ctsl_state *state = job->state;
    venn_job_stage *stage = venn_job_add_stage(job, "pretrain");
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->main = state->self[0];
    stage->begin = begin_pretraining;
    stage->end = end_pretraining;
    stage->objective.loss = pretrain_loss;
    for (int k = 0; k < PEERS; k++)
        venn_stage_net(stage, state->net[k])->role = VENN_NET_FROZEN;
    if (p->pretrain_epochs)
        stage->fit.epochs = (uint32_t)p->pretrain_epochs;
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    static const char *const selves[PEERS] = {"self", "peer-self"};
    const ctsl_params *p = job->params;
    ctsl_state *state = job->state;
    const venn_job_model model[PEERS] = {
        VENN_JOB_STUDENT, job->n_teacher_inputs ? VENN_JOB_TEACHER : VENN_JOB_STUDENT};
    state->net[0] = job->student;
    VENN_TRY(venn_job_clone(job, "peer", model[1], &state->net[1]));
    for (int k = 0; k < PEERS; k++) {
        state->features[k] = venn_block_features(state->net[k]);
        if (!state->features[k])
            return venn_fail(VENN_BAD_ARG, "method ctsl-mkt: the %s has one layer, and no features",
                             k ? "peer" : "student");
        if (p->gamma > 0)
            VENN_TRY(venn_job_clone(job, selves[k], model[k], &state->self[k]));
    }
    if (p->gamma > 0)
        VENN_TRY(add_pretraining(job));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->end = end;
    for (int k = 0; k < PEERS && p->gamma > 0; k++) {
        venn_stage_net(stage, state->self[k])->role = VENN_NET_FROZEN;
        venn_stage_net(stage, state->self[k])->cache = true;
    }
    return VENN_OK;
}

const venn_method venn_method_ctsl_mkt = {
    .name = "ctsl-mkt",
    .summary =
        "two peers: CE, the other's answers and relations of samples, and what each answered when "
        "it was trained alone",
    .reference =
        "Sun, Gou, Yu, Du, Tao: Collaborative Teacher-Student Learning via Multiple Knowledge "
        "Transfer, arXiv 2101.08471",
    .status = "no target in the paper: each part does what it must",
    .needs = VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(ctsl_params),
    .params = params,
    .state_size = sizeof(ctsl_state),
    .objective = {.loss = loss},
    .setup = setup,
};

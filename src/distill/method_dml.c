// dml: deep mutual learning. The student and a peer train together, and each follows the other.
//   loss = sum over both k of CE(y, z_k) + weight KL(softmax(z_other / T) || softmax(z_k / T))
#include "base/status.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef struct dml_params {
    double weight, temperature;
    bool t_squared;
} dml_params;

typedef struct dml_state {
    venn_net *peer;
} dml_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(dml_params, weight, 1, 0, 1e6, "weight of the divergences",
                     "Zhang et al. add them without a weight"),
    VENN_PARAM_FLOAT(dml_params, temperature, 1, 1e-3, 1e3, "T, softens both sides",
                     "Zhang et al. have none"),
    VENN_PARAM_BOOL(dml_params, t_squared, 0, "multiply the divergences by T^2",
                    "without effect at temperature 1"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z)"},
    {"kd", "KL(softmax(z_peer / T) || softmax(z / T)), z_peer a constant"},
    {"peer_ce", "CE(y, z_peer)"},
    {"peer_kd", "KL(softmax(z / T) || softmax(z_peer / T)), z a constant"},
    {"loss", "ce + peer_ce + weight (kd + peer_kd)"},
    {0}};

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    const dml_state *state = job->state;
    venn_evaluation test;
    VENN_TRY(venn_job_evaluate(job, state->peer, stage->fit.data, VENN_TEST, &test));
    venn_job_measure(job, "peer_accuracy", test.accuracy);
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    dml_state *state = job->state;
    VENN_TRY(venn_job_clone(
        job, "peer", job->n_teacher_inputs ? VENN_JOB_TEACHER : VENN_JOB_STUDENT, &state->peer));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (stage)
        stage->end = measure;
    return VENN_OK;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const dml_params *p = job->params;
    const dml_state *state = job->state;
    const venn_kl_div_params kl = {.temperature = (float)p->temperature, .t_squared = p->t_squared};
    venn_tensor z = venn_step_apply(s, job->student, NULL);
    venn_tensor peer = venn_step_apply(s, state->peer, NULL);
    // No gradient reaches the second operand of kl_div.
    venn_tensor kd = venn_kl_div(s->g, z, peer, VENN_NONE, &kl);
    venn_tensor peer_kd = venn_kl_div(s->g, peer, z, VENN_NONE, &kl);
    venn_tensor ce = venn_step_ce(s, z);
    venn_tensor peer_ce = venn_cross_entropy(s->g, peer, venn_step_labels(s, NULL), NULL);
    venn_step_term(s, "kd", kd);
    venn_step_term(s, "peer_ce", peer_ce);
    venn_step_term(s, "peer_kd", peer_kd);
    venn_tensor follow = venn_scale(s->g, venn_add(s->g, kd, peer_kd), (float)p->weight, 0);
    return venn_add(s->g, venn_add(s->g, ce, peer_ce), follow);
}

const venn_method venn_method_dml = {
    .name = "dml",
    .summary = "mutual learning: CE(y, z) + weight KL(softmax(peer / T) || softmax(z / T)), and so "
               "for the peer",
    .reference = "Zhang, Xiang, Hospedales, Lu: Deep Mutual Learning, CVPR 2018",
    .status = "baseline",
    .equations = equations,
    .params_size = sizeof(dml_params),
    .params = params,
    .state_size = sizeof(dml_state),
    .objective = {.loss = loss},
    .setup = setup,
};

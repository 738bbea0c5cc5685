// ogm-ge: on-the-fly gradient modulation with generalization enhancement. Where one modality is ahead in a
// batch, its encoder's gradients are made smaller, and noise of their own size is added to all encoders'.
//   rho_m = s_m / mean of the others' s, s_m = sum over the batch of softmax(z_m)[y]
//   dW <- k_m dW + std(dW) N(0, 1), k_m = 1 - tanh(alpha rho_m) where rho_m > 1, else 1
#include "base/status.h"
#include "distill/block_accuracy.h"
#include "distill/block_late_fusion.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = LATE_FUSION_MAX };

typedef struct ogm_params {
    double alpha, share;
    bool noise;
} ogm_params;

typedef struct ogm_state {
    late_fusion student;
    venn_tensor factor[MOST]; // k, of the step under construction
} ogm_state;

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(ogm_params, alpha, 0.3, 0, 100, "how strongly the modality ahead is held back",
                     "MLA's official code, for its comparison"),
    VENN_PARAM_FLOAT(ogm_params, share, 0.5, 0, 1,
                     "share of the epochs, from the first, in which gradients are changed",
                     "MLA's official code: epochs 0 to 50 of 100"),
    VENN_PARAM_BOOL(ogm_params, noise, 1, "add the noise (GE)", "paper"),
    {0}};

static const venn_method_equation equations[] = {
    {"ce", "CE(y, z), z = sum_m z_m, z_m = W_m h_m + b / n"},
    {"first_lead",
     "rho_1 = s_1 / mean of the others' s, s_m = sum over the batch of softmax(z_m)[y]"},
    {"modulation", "dW <- k_m dW + std(dW) N(0, 1) for the kernels of encoder m; k_m = 1 - "
                   "tanh(alpha rho_m) where rho_m > 1, else 1"},
    {0}};

// How sure the modality is of the right classes, added up over the batch; a constant.
static venn_tensor confidence(venn_step *s, venn_tensor z)
{
    const venn_cross_entropy_params rows = {.reduction = VENN_REDUCE_NONE};
    venn_tensor ce = venn_cross_entropy(s->g, z, venn_step_labels(s, NULL), &rows);
    return venn_stop_gradient(s->g,
                              venn_sum(s->g, venn_exp(s->g, venn_scale(s->g, ce, -1, 0)), NULL));
}

// k_m of all encoders; returns the first one's lead.
static venn_tensor modulate(venn_step *s, ogm_state *state, const venn_tensor *h)
{
    const size_t n = state->student.n;
    venn_tensor sure[MOST], all = VENN_NONE, first = VENN_NONE;
    venn_tensor alpha = venn_step_scalar(s, "alpha"), one = venn_fill(s->g, VENN_SCALAR, 1);
    for (size_t m = 0; m < n; m++) {
        sure[m] = confidence(s, venn_late_fusion_alone(&state->student, s, m, h[m]));
        all = m ? venn_add(s->g, all, sure[m]) : sure[m];
    }
    for (size_t m = 0; m < n; m++) {
        venn_tensor others =
            venn_scale(s->g, venn_sub(s->g, all, sure[m]), 1.0f / (float)(n - 1), 1e-12f);
        venn_tensor lead = venn_div(s->g, sure[m], others);
        venn_tensor held = venn_tanh(s->g, venn_mul(s->g, alpha, lead));
        state->factor[m] =
            venn_where(s->g, venn_greater(s->g, lead, one), venn_scale(s->g, held, -1, 1), one);
        first = m ? first : lead;
    }
    return first;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    ogm_state *state = job->state;
    venn_tensor h[MOST] = {{0}};
    venn_tensor z = venn_late_fusion_apply(job->student, s, h);
    venn_step_term(s, "first_lead", modulate(s, state, h));
    return venn_step_ce(s, z);
}

static venn_tensor gradient(void *user, venn_step *s, const venn_var *var, venn_tensor g)
{
    const venn_job *job = user;
    const ogm_params *p = job->params;
    const ogm_state *state = job->state;
    const size_t m = venn_late_fusion_branch(&state->student, var);
    if (m == state->student.n || venn_var_shape(var).rank < 2)
        return g;
    venn_tensor out = venn_mul(s->g, g, state->factor[m]);
    if (!p->noise)
        return out;
    venn_tensor spread = venn_graph_find_input(s->g, "spread");
    spread = spread.id ? spread : venn_step_scalar(s, "spread");
    venn_tensor size = venn_mul(s->g, venn_std(s->g, g, NULL, true), spread);
    venn_tensor z = venn_random_normal(s->g, venn_var_shape(var), 0, 1);
    return venn_add(s->g, out, venn_mul(s->g, z, size));
}

static venn_status feed(void *user, const venn_step_feed *f)
{
    const venn_job *job = user;
    const ogm_params *p = job->params;
    const bool now = (double)f->epoch < p->share * (double)f->epochs;
    venn_feed_scalar(f, "alpha", now ? p->alpha : 0);
    if (p->noise)
        venn_feed_scalar(f, "spread", now);
    return VENN_OK;
}

static void build_alone(void *user, venn_step *s, venn_tensor *z)
{
    const late_fusion *f = &((const ogm_state *)((const venn_job *)user)->state)->student;
    venn_tensor h[MOST] = {{0}};
    venn_late_fusion_apply(f->net, s, h);
    for (size_t m = 0; m < f->n; m++)
        z[m] = venn_late_fusion_alone(f, s, m, h[m]);
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_measure_accuracies(job, ((ogm_state *)job->state)->student.n, venn_alone_accuracy,
                                   job, build_alone);
}

static venn_status setup(venn_job *job)
{
    ogm_state *state = job->state;
    VENN_TRY(venn_late_fusion_of(&state->student, job->student, VENN_FUSE_CONCAT, "ogm-ge"));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (stage)
        stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_ogm_ge = {
    .name = "ogm-ge",
    .summary = "gradient modulation: the encoder of the modality that is ahead gets smaller "
               "gradients, all get noise",
    .reference = "Peng, Wei, Deng, Wang, Hu: Balanced Multimodal Learning via On-the-fly Gradient "
                 "Modulation, CVPR 2022",
    .status = "baseline",
    .needs = VENN_NEEDS_TWO_INPUTS,
    .equations = equations,
    .params_size = sizeof(ogm_params),
    .params = params,
    .state_size = sizeof(ogm_state),
    .objective = {.loss = loss, .gradient = gradient, .feed = feed},
    .setup = setup,
};

// rlkd: ranking loss. Besides the teacher's distribution the student learns the order of the classes that
// either holds likeliest.
//   loss = logits_weight L_logits + rank_weight L_rank
//   L_rank = 1 - correlation of the soft ranks of t_U and z_U, U = the k greatest of t and the k greatest of z
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "venn/distill.h"
#include "venn/ops.h"

typedef enum logits_loss { KL, REVERSE_KL, JS, TV, NO_LOGITS } logits_loss;
typedef enum measured { SEEN, TEST } measured;

typedef struct rlkd_params {
    double rank_weight, strength;
    int k, logits, measured;
    bool dynamic, controls;
} rlkd_params;

typedef struct rlkd_state {
    venn_net *plain; // without ranks; NULL without controls
} rlkd_state;

static const char *const losses[] = {"kl", "reverse_kl", "js", "tv", "none", NULL};
static const char *const splits[] = {"train", "test", NULL};

static const venn_method_param params[] = {
    VENN_PARAM_FLOAT(rlkd_params, rank_weight, 2, 0, 1e6, "weight of the ranking loss", "paper"),
    VENN_PARAM_INT(rlkd_params, k, 5, 1, 1000, "how many of the greatest of either count",
                   "paper: 5 with another loss, 10 to 15 alone and in pre-training"),
    VENN_PARAM_FLOAT(rlkd_params, strength, 1, 1e-3, 1e3,
                     "of the soft ranks' regularisation: values closer than this are pooled",
                     "the usual default of the operator; the paper names none"),
    VENN_PARAM_ENUM(rlkd_params, logits, KL, losses, "the loss that ranks are added to", "paper"),
    VENN_PARAM_BOOL(rlkd_params, dynamic, 0,
                    "multiply each sample's other loss by the share of the k greatest that are "
                    "common (kl, reverse_kl, js, tv)",
                    "paper: a variant"),
    VENN_PARAM_ENUM(rlkd_params, measured, SEEN, splits, "the split on which overlaps are measured",
                    "paper: pre-training is judged on what was seen"),
    VENN_PARAM_BOOL(rlkd_params, controls, 0,
                    "also train a student without the ranking loss, from the same weights "
                    "(measures plain_cr1, ...)",
                    "the paper's comparison, off to save time"),
    {0}};

static const venn_method_equation equations[] = {
    {"logits", "KL(softmax(t) || softmax(z)), or another divergence; dynamic: times overlap"},
    {"rank", "mean of 1 - corr(softrank(t_U), softrank(z_U)), U = top k of t and top k of z"},
    {"overlap", "mean share of the k greatest of t that are among the k greatest of z"},
    {"loss", "logits + rank_weight rank"},
    {0}};

// ---- Ranks of a union ------------------------------------------------------------------------

// The union of two lists of k classes per row, as 2k places: those that are in the first list already come
// twice, and their second place is void.
typedef struct both {
    venn_tensor of_t, of_z; // i32 [B, k]: the lists
    venn_tensor there;      // [B, 2k] 1, or 0 where the place is void
    venn_tensor overlap;    // [B] share of common classes
} both;

static both unite(venn_graph *g, venn_tensor z, venn_tensor t, int k)
{
    const venn_shape shape = venn_tensor_shape(g, z);
    const venn_shape list = VENN_SHAPE(shape.dim[0], k);
    venn_tensor of_t, of_z;
    venn_top_k(g, t, 1, k, false, &of_t);
    venn_top_k(g, venn_stop_gradient(g, z), 1, k, false, &of_z);
    venn_tensor ones = venn_fill(g, list, 1);
    venn_tensor in_t = venn_scatter_add(g, venn_fill(g, shape, 0), of_t, ones, 1);
    venn_tensor common = venn_gather(g, in_t, of_z, 1);
    return (both){.of_t = of_t,
                  .of_z = of_z,
                  .there =
                      venn_concat(g, 2, (venn_tensor[]){ones, venn_scale(g, common, -1, 1)}, 1),
                  .overlap = venn_mean(g, common, &(venn_reduce_params){.axes = 1u << 1})};
}

// Soft ranks at the union's places, centred over those that are there, 0 at the others. Void places are
// put below all others, far apart, where they take the lowest ranks and nobody's company; what they add
// to all others' ranks goes with the mean.
static venn_tensor ranks(venn_graph *g, venn_tensor x, const both *u, const rlkd_params *p)
{
    const float far = 1e4f;
    const int64_t places = venn_tensor_shape(g, u->there).dim[1];
    const venn_reduce_params over = {.axes = 1u << 1, .keepdims = true};
    venn_tensor all = venn_concat(
        g, 2, (venn_tensor[]){venn_gather(g, x, u->of_t, 1), venn_gather(g, x, u->of_z, 1)}, 1);
    // -far (1, 2, .., 2k)
    venn_tensor step = venn_fill(g, VENN_SHAPE(1, places), -far * (float)p->strength);
    venn_tensor below = venn_cumsum(g, step, 1, false);
    venn_tensor values = venn_where(g, u->there, all, below);
    venn_tensor r =
        venn_soft_rank(g, values, &(venn_soft_rank_params){.strength = (float)p->strength});
    venn_tensor members = venn_sum(g, u->there, &over);
    venn_tensor mean = venn_div(g, venn_sum(g, venn_mul(g, r, u->there), &over), members);
    return venn_mul(g, venn_sub(g, r, mean), u->there);
}

static venn_tensor rank_loss(venn_graph *g, venn_tensor z, venn_tensor t, const both *u,
                             const rlkd_params *p)
{
    venn_tensor a = ranks(g, z, u, p), b = ranks(g, venn_stop_gradient(g, t), u, p);
    return venn_cosine_embedding(g, a, b, VENN_NONE, NULL);
}

// ---- Loss ------------------------------------------------------------------------------------

// Of the two distributions, a scalar or one number per sample.
static venn_tensor logits_loss_of(venn_graph *g, venn_tensor z, venn_tensor t, int kind, bool each)
{
    const venn_kl_reduction reduction = each ? VENN_KL_NONE : VENN_KL_BATCHMEAN;
    const venn_kl_div_params kl = {.reduction = reduction};
    const venn_tensor teacher = venn_stop_gradient(g, t);
    switch (kind) {
    case KL:
        return venn_kl_div(g, z, teacher, VENN_NONE, &kl);
    case REVERSE_KL:
        return venn_reverse_kl_div(g, z, teacher, VENN_NONE, &kl);
    case JS:
        return venn_js_div(g, z, teacher, VENN_NONE, &(venn_js_div_params){.reduction = reduction});
    default:
        return venn_tv_distance(g, z, teacher, VENN_NONE, &kl);
    }
}

static venn_tensor loss_of(const venn_job *job, venn_step *s, const venn_net *net, bool ranked)
{
    const rlkd_params *p = job->params;
    venn_tensor z = venn_step_apply(s, net, NULL), t = venn_step_apply(s, job->teacher, NULL);
    const both u = unite(s->g, z, t, p->k);
    venn_step_term(s, "overlap", venn_mean(s->g, u.overlap, NULL));
    venn_tensor sum = VENN_NONE;
    if (p->logits != NO_LOGITS) {
        const bool dynamic = ranked && p->dynamic;
        sum = logits_loss_of(s->g, z, t, p->logits, dynamic);
        if (dynamic)
            sum = venn_mean(s->g, venn_mul(s->g, sum, u.overlap), NULL);
        venn_step_term(s, "logits", sum);
    }
    if (!ranked)
        return sum;
    venn_tensor rank = rank_loss(s->g, z, t, &u, p);
    venn_step_term(s, "rank", rank);
    rank = venn_scale(s->g, rank, (float)p->rank_weight, 0);
    return sum.id ? venn_add(s->g, sum, rank) : rank;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    return loss_of(job, s, job->student, true);
}

static venn_tensor plain_loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    return loss_of(job, s, ((const rlkd_state *)job->state)->plain, false);
}

// ---- Overlaps --------------------------------------------------------------------------------

enum { MOST = 20 };

typedef struct overlap_of {
    const venn_job *job;
    const venn_net *net;
    int n; // of the greatest, at most the number of classes
} overlap_of;

static void append_lists(void *user, venn_step *s)
{
    const overlap_of *o = user;
    venn_tensor of_z, of_t;
    venn_top_k(s->g, venn_step_apply(s, o->net, NULL), 1, o->n, false, &of_z);
    venn_top_k(s->g, venn_step_apply(s, o->job->teacher, NULL), 1, o->n, false, &of_t);
    venn_graph_output(s->g, "student", of_z);
    venn_graph_output(s->g, "teacher", of_t);
}

// Share of rows whose first k are the same in the same order.
static double consistent(const int32_t *a, const int32_t *b, int64_t rows, int n, int k)
{
    int64_t same = 0;
    for (int64_t i = 0; i < rows; i++)
        same += memcmp(a + i * n, b + i * n, (size_t)k * sizeof *a) == 0;
    return rows ? (double)same / (double)rows : 0;
}

// Mean share of the first k that are among the other's first k.
static double common(const int32_t *a, const int32_t *b, int64_t rows, int n, int k)
{
    int64_t found = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int j = 0; j < k; j++)
            for (int l = 0; l < k; l++)
                found += a[i * n + j] == b[i * n + l];
    return rows ? (double)found / (double)(rows * k) : 0;
}

// Names of measures: of the student, of the one without ranks.
typedef struct overlap_name {
    int k;
    bool order;
    const char *names[2];
} overlap_name;

static const overlap_name overlaps[] = {
    {1, true, {"cr1", "plain_cr1"}},       {2, true, {"cr2", "plain_cr2"}},
    {3, true, {"cr3", "plain_cr3"}},       {5, true, {"cr5", "plain_cr5"}},
    {3, false, {"mor3", "plain_mor3"}},    {5, false, {"mor5", "plain_mor5"}},
    {10, false, {"mor10", "plain_mor10"}}, {20, false, {"mor20", "plain_mor20"}}};

static venn_status measure(venn_job *job, const venn_net *net, bool plain)
{
    const rlkd_params *p = job->params;
    const venn_split_id id = p->measured == SEEN ? VENN_TRAIN : VENN_TEST;
    const int64_t rows = job->data->split[id].n;
    const int n = job->data->class_count < MOST ? job->data->class_count : MOST;
    const size_t size = (size_t)rows * (size_t)n;
    int32_t *lists = venn_alloc(2 * size + 1, sizeof *lists);
    if (!lists)
        return VENN_NO_MEMORY;
    overlap_of o = {job, net, n};
    const struct venn_sweep_output outputs[] = {{"student", lists}, {"teacher", lists + size}, {0}};
    venn_status status = venn_job_sweep(
        job, &(venn_sweep){.split = id, .user = &o, .build = append_lists, .outputs = outputs});
    for (size_t i = 0; status == VENN_OK && i < sizeof overlaps / sizeof *overlaps; i++)
        if (overlaps[i].k <= n)
            venn_job_measure(job, overlaps[i].names[plain],
                             (overlaps[i].order ? consistent : common)(lists, lists + size, rows, n,
                                                                       overlaps[i].k));
    free(lists);
    return status;
}

// ---- Stages ----------------------------------------------------------------------------------

static venn_status begin_plain(venn_job *job, venn_job_stage *stage)
{
    (void)stage;
    return venn_net_copy(((rlkd_state *)job->state)->plain, job->student);
}

static venn_status end_plain(venn_job *job, venn_job_stage *stage)
{
    return measure(job, stage->main, true);
}

static venn_status end_ranked(venn_job *job, venn_job_stage *stage)
{
    return measure(job, stage->main, false);
}

static venn_job_stage *add_stage(venn_job *job, const char *name, venn_net *net, venn_net *frozen)
{
    venn_job_stage *stage = venn_job_add_stage(job, name);
    if (!stage)
        return NULL; // the job keeps the error
    if (frozen)
        venn_stage_net(stage, frozen)->role = VENN_NET_FROZEN;
    stage->main = net;
    return stage;
}

static venn_status setup(venn_job *job)
{
    const rlkd_params *p = job->params;
    rlkd_state *state = job->state;
    if (p->k > job->data->class_count)
        return venn_fail(VENN_BAD_ARG, "k is %d, but there are %d classes", p->k,
                         job->data->class_count);
    if (p->controls && p->logits == NO_LOGITS)
        return venn_fail(VENN_BAD_ARG, "logits: none leaves the control without a loss; "
                                       "turn controls off");
    if (p->controls)
        VENN_TRY(venn_job_clone(job, "plain", VENN_JOB_STUDENT, &state->plain));
    venn_job_stage *plain =
        p->controls ? add_stage(job, "plain", state->plain, job->student) : NULL;
    if (plain) {
        plain->objective.loss = plain_loss;
        plain->begin = begin_plain;
        plain->end = end_plain;
    }
    venn_job_stage *stage = add_stage(job, "distilled", job->student, state->plain);
    if (stage)
        stage->end = end_ranked;
    return VENN_OK;
}

const venn_method venn_method_rlkd = {
    .name = "rlkd",
    .summary = "ranking loss: L_logits + rank_weight (1 - correlation of the soft ranks of the "
               "classes that teacher or student hold likeliest)",
    .reference = "Peng, Zhang: Enhancing Knowledge Distillation of Large Language Models through "
                 "Efficient Multi-Modal Distribution Alignment, COLING 2025",
    .status = "target met: more of the likeliest classes agree, in order too",
    .needs = VENN_NEEDS_TEACHER,
    .equations = equations,
    .params_size = sizeof(rlkd_params),
    .params = params,
    .state_size = sizeof(rlkd_state),
    .objective = {.loss = loss},
    .setup = setup,
};

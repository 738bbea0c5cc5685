// crd: crossmodal reverse distillation, which finds what is out of the ordinary. Per modality a student rebuilds the
// features of the teacher's branch from less than holds them; it has learnt to on normal pictures alone, so that
// it fails on others. The other modality helps: its features, translated, go into the bottleneck (filter) and into
// every stage of the decoder (amplifier).
//   L = sum over modalities and levels of cosd(h, E) + cosd(d, E) + cosd(F(E'), E) + cosd(A(E'), E)
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "distill/block_normality.h"
#include "distill/block_reverse.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { SIDES = 2, LINE = 256 };

typedef struct crd_params {
    const char *levels, *mask;
    int normal, blocks;
    double sigma;
    bool filter, amplifier, fused;
} crd_params;

typedef struct crd_side {
    reverse_levels levels;
    reverse_nets nets;
    venn_var *mix; // [levels, 2]
} crd_side;

typedef struct crd_state {
    size_t n_sides, n_levels;
    char place[SIDES][REVERSE_LEVELS][LINE]; // of the teacher's features
    crd_side side[SIDES];
} crd_state;

static const venn_method_param params[] = {
    VENN_PARAM_TEXT(crd_params, levels, "stage1 stage2 stage3",
                    "layers of the teacher's branches whose features are rebuilt, finest first, up "
                    "to four; each half as high and wide as the one before",
                    "official code: three stages of a ResNet"),
    VENN_PARAM_TEXT(crd_params, mask, "mask", "modality of one number per pixel: what is there",
                    "chosen here"),
    VENN_PARAM_INT(crd_params, normal, 0, 0, 1000000,
                   "greatest number of the mask that is normal; pictures with others are "
                   "anomalous and not trained on, greater numbers being kinds of anomaly",
                   "chosen here"),
    VENN_PARAM_INT(crd_params, blocks, 1, 1, 8, "residual blocks in each stage of the decoder",
                   "chosen here for small pictures; official code: 3, 4 and 6, as WideResNet50"),
    VENN_PARAM_FLOAT(crd_params, sigma, 0.015625, 0, 1,
                     "standard deviation of the Gaussian that smooths maps, as a share of their "
                     "width",
                     "official code: 4 pixels of 256"),
    VENN_PARAM_BOOL(crd_params, filter, 1, "the other modality helps the bottleneck", "paper"),
    VENN_PARAM_BOOL(crd_params, amplifier, 1, "the other modality helps the decoder", "paper"),
    VENN_PARAM_BOOL(crd_params, fused, 0,
                    "one student of both modalities' features side by side instead of two that "
                    "help each other: a competitor",
                    "off: the method"),
    {0}};

static const venn_method_equation equations[] = {
    {"mixed", "sum of cosd(h, E) over modalities and levels, h = w1 d + w2 A(E'), (w1, w2) = "
              "softmax of two parameters per level; h feeds the decoder's next stage"},
    {"decoded", "the same of d, what a stage gives"},
    {"filter", "the same of F(E'), which the bottleneck gets beside E"},
    {"amplifier", "the same of A(E')"},
    {"cosd", "mean over samples of 1 - cos(flat X, flat Y)"},
    {"map", "sum over levels of resize(1 - cos(h, E) over channels), standardised by normal maps, "
            "both modalities' added, smoothed"},
    {"loss", "mixed + decoded + filter + amplifier"},
    {0}};

// ---- Features --------------------------------------------------------------------------------

typedef struct crd_run {
    venn_tensor e[REVERSE_LEVELS], f[REVERSE_LEVELS], a[REVERSE_LEVELS], d[REVERSE_LEVELS],
        h[REVERSE_LEVELS];
    const crd_side *side;
} crd_run;

static void teach(const venn_job *job, venn_step *s, crd_run *runs)
{
    const crd_state *state = job->state;
    const size_t n = state->n_levels;
    venn_tap taps[SIDES * REVERSE_LEVELS] = {{0}};
    for (size_t i = 0; i < SIDES * n; i++)
        taps[i].layer = state->place[i / n][i % n];
    venn_step_apply(s, job->teacher, &(venn_step_apply_params){.taps = taps, .n_taps = SIDES * n});
    for (size_t i = 0; i < n; i++) {
        runs[0].e[i] = taps[i].y;
        runs[1].e[i] = taps[n + i].y;
        if (state->n_sides == 1)
            runs[0].e[i] = venn_concat(s->g, SIDES, (venn_tensor[]){taps[i].y, taps[n + i].y}, 1);
    }
}

// A number of the mix, to multiply maps by.
static venn_tensor share(venn_graph *g, venn_tensor mix, size_t level, int64_t which)
{
    venn_tensor row = venn_slice(g, mix, 0, (int64_t)level, 1);
    return venn_reshape(g, venn_slice(g, row, 1, which, 1), VENN_SHAPE(1));
}

// A stage of the decoder has given d; the next one gets h.
static void amplify(void *user, venn_graph *g, const char *place, venn_tensor *y)
{
    crd_run *r = user;
    size_t i = 0;
    while (strcmp(r->side->nets.stage[i], place) != 0)
        i++;
    r->d[i] = r->h[i] = y[0];
    if (!r->side->nets.amplifier)
        return;
    venn_tensor mix = venn_softmax(g, venn_graph_var(g, r->side->mix));
    y[0] = r->h[i] = venn_add(g, venn_mul(g, r->d[i], share(g, mix, i, 0)),
                              venn_mul(g, r->a[i], share(g, mix, i, 1)));
}

static void rebuild(const crd_state *state, venn_step *s, size_t k, crd_run *runs)
{
    crd_run *r = &runs[k];
    const reverse_nets *nets = &state->side[k].nets;
    const char *places[REVERSE_LEVELS];
    venn_tensor in[REVERSE_LEVELS], y;
    r->side = &state->side[k];
    if (nets->filter)
        venn_reverse_translate(s, nets, nets->filter, state->n_levels, runs[1 - k].e, r->f);
    if (nets->amplifier)
        venn_reverse_translate(s, nets, nets->amplifier, state->n_levels, runs[1 - k].e, r->a);
    for (size_t i = 0; i < state->n_levels; i++) {
        places[i] = nets->stage[i];
        in[i] = nets->filter ? venn_concat(s->g, 2, (venn_tensor[]){r->e[i], r->f[i]}, 1) : r->e[i];
    }
    const venn_meeting meeting = {places, state->n_levels, amplify, r};
    y = venn_step_apply(s, nets->bottleneck, &(venn_step_apply_params){.x = in});
    venn_step_apply_abreast(s, nets->decoder, 1, &(venn_step_apply_params){.x = &y}, &meeting, &y);
}

static void run_all(const venn_job *job, venn_step *s, crd_run *runs)
{
    const crd_state *state = job->state;
    teach(job, s, runs);
    for (size_t k = 0; k < state->n_sides && venn_graph_status(s->g) >= 0; k++)
        rebuild(state, s, k, runs);
}

// ---- Loss ------------------------------------------------------------------------------------

// Sum over sides and levels of 1 - cos of whole maps; part: what of a run is compared with e.
static venn_tensor distance(const crd_state *state, venn_step *s, const crd_run *runs,
                            const char *name, size_t part)
{
    venn_tensor sum = VENN_NONE;
    for (size_t k = 0; k < state->n_sides; k++)
        for (size_t i = 0; i < state->n_levels; i++) {
            const venn_tensor *x = (const venn_tensor *)((const char *)&runs[k] + part);
            venn_tensor c = venn_cosine_similarity(s->g, x[i], runs[k].e[i],
                                                   &(venn_reduce_params){.axes = 14}, 0);
            venn_tensor d = venn_scale(s->g, venn_mean(s->g, c, NULL), -1, 1);
            sum = sum.id ? venn_add(s->g, sum, d) : d;
        }
    venn_step_term(s, name, sum);
    return sum;
}

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const crd_state *state = job->state;
    crd_run runs[SIDES] = {{{{0}}}};
    run_all(job, s, runs);
    if (venn_graph_status(s->g) < 0)
        return VENN_NONE;
    venn_tensor sum = distance(state, s, runs, "mixed", offsetof(crd_run, h));
    if (state->side[0].nets.amplifier) {
        sum = venn_add(s->g, sum, distance(state, s, runs, "decoded", offsetof(crd_run, d)));
        sum = venn_add(s->g, sum, distance(state, s, runs, "amplifier", offsetof(crd_run, a)));
    }
    if (state->side[0].nets.filter)
        sum = venn_add(s->g, sum, distance(state, s, runs, "filter", offsetof(crd_run, f)));
    return sum;
}

// ---- Maps ------------------------------------------------------------------------------------

static void build_maps(void *user, venn_step *s, venn_tensor *maps)
{
    const venn_job *job = user;
    const crd_state *state = job->state;
    const venn_shape in = venn_net_input_shape(job->teacher, 0);
    const venn_resize_bilinear_params size = {.size = {(int32_t)in.dim[1], (int32_t)in.dim[2]},
                                              .align_corners = true};
    crd_run runs[SIDES] = {{{{0}}}};
    run_all(job, s, runs);
    for (size_t k = 0; k < state->n_sides && venn_graph_status(s->g) >= 0; k++)
        for (size_t i = 0; i < state->n_levels; i++) {
            venn_tensor c = venn_cosine_similarity(s->g, runs[k].h[i], runs[k].e[i],
                                                   &(venn_reduce_params){.axes = 2}, 0);
            const venn_shape *level = &state->side[k].levels.shape[i];
            c = venn_reshape(s->g, venn_scale(s->g, c, -1, 1),
                             VENN_SHAPE(s->batch, 1, level->dim[1], level->dim[2]));
            c = venn_resize_bilinear(s->g, c, &size);
            maps[k] = i ? venn_add(s->g, maps[k], c) : c;
        }
}

static venn_status judge(venn_job *job, venn_normality *out)
{
    const crd_params *p = job->params;
    const crd_state *state = job->state;
    const venn_shape in = venn_net_input_shape(job->teacher, 0);
    return venn_judge_normality(job,
                                &(venn_normality_params){.mask = p->mask,
                                                         .normal = p->normal,
                                                         .two = state->n_sides == 2,
                                                         .sigma = p->sigma * (double)in.dim[2],
                                                         .user = job,
                                                         .build = build_maps},
                                out);
}

// Only test pictures are known to be anomalous or not.
static venn_status score(void *user, venn_split_id split, double *value, double *loss_value)
{
    venn_normality found;
    (void)loss_value;
    if (split != VENN_TEST)
        return VENN_OK;
    VENN_TRY(judge(user, &found));
    *value = found.auroc;
    return VENN_OK;
}

static venn_status measure(venn_job *job, venn_job_stage *stage)
{
    venn_normality found;
    (void)stage;
    VENN_TRY(judge(job, &found));
    venn_measure_normality(job, &found);
    return VENN_OK;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status find_places(venn_job *job)
{
    const crd_params *p = job->params;
    crd_state *state = job->state;
    for (const char *at = p->levels; *at;) {
        const size_t length = strcspn(at, " ");
        if (length && state->n_levels == REVERSE_LEVELS)
            return venn_fail(VENN_BAD_ARG, "levels names more than %d layers", REVERSE_LEVELS);
        for (size_t k = 0; length && k < SIDES; k++)
            snprintf(state->place[k][state->n_levels], LINE, "%s.%.*s", job->teacher_modalities[k],
                     (int)length, at);
        state->n_levels += length > 0;
        at += length + (at[length] == ' ');
    }
    return state->n_levels ? VENN_OK : venn_fail(VENN_BAD_ARG, "levels names no layers");
}

static venn_status find_levels(const venn_job *job, size_t k, reverse_levels *out)
{
    const crd_state *state = job->state;
    const char *places[REVERSE_LEVELS];
    for (size_t i = 0; i < state->n_levels; i++)
        places[i] = state->place[k][i];
    return venn_reverse_levels(job->teacher, state->n_levels, places, out);
}

// Both sides' levels; fused, one of all channels.
static venn_status join_levels(venn_job *job)
{
    const crd_params *p = job->params;
    crd_state *state = job->state;
    for (size_t k = 0; k < SIDES; k++)
        VENN_TRY(find_levels(job, k, &state->side[k].levels));
    for (size_t i = 0; i < state->n_levels; i++) {
        venn_shape *a = &state->side[0].levels.shape[i];
        const venn_shape *b = &state->side[1].levels.shape[i];
        if (a->dim[1] != b->dim[1] || a->dim[2] != b->dim[2])
            return venn_fail(VENN_BAD_ARG, "%s and %s must have the same height and width",
                             state->place[0][i], state->place[1][i]);
        a->dim[0] += p->fused ? b->dim[0] : 0;
    }
    state->n_sides = p->fused ? 1 : SIDES;
    return VENN_OK;
}

static venn_status create_side(venn_job *job, size_t k)
{
    static const char *const names[] = {"first", "second"}, *const mixes[] = {"mix-1", "mix-2"};
    static const float ones[REVERSE_LEVELS * 2] = {1, 1, 1, 1, 1, 1, 1, 1};
    const crd_params *p = job->params;
    crd_state *state = job->state;
    crd_side *side = &state->side[k];
    const reverse_levels *other = state->n_sides == 1 ? NULL : &state->side[1 - k].levels;
    VENN_TRY(venn_reverse_create(job, names[k], &side->levels, other, p->filter, p->amplifier,
                                 p->blocks, &side->nets));
    if (!side->nets.amplifier)
        return VENN_OK;
    return venn_job_var(job, mixes[k], VENN_F32, VENN_SHAPE((int64_t)state->n_levels, 2), true,
                        ones, &side->mix);
}

static bool same_modalities(const venn_job *job)
{
    bool same = job->n_student_inputs == SIDES && job->n_teacher_inputs == SIDES;
    for (size_t k = 0; same && k < SIDES; k++)
        same = strcmp(job->student_modalities[k], job->teacher_modalities[k]) == 0;
    return same;
}

static venn_status setup(venn_job *job)
{
    const crd_params *p = job->params;
    crd_state *state = job->state;
    venn_dataset *data;
    if (!same_modalities(job))
        return venn_fail(VENN_BAD_ARG, "teacher and student take the same two modalities");
    VENN_TRY(find_places(job));
    VENN_TRY(join_levels(job));
    VENN_TRY(venn_select_normal(job->data, p->mask, p->normal, &data));
    venn_job_own_data(job, data);
    for (size_t k = 0; k < state->n_sides; k++)
        VENN_TRY(create_side(job, k));
    venn_job_stage *stage = venn_job_add_stage(job, "distilled");
    if (!stage)
        return VENN_OK; // the job keeps the error
    // What the config calls the student only says whose mirror is to be made.
    venn_stage_net(stage, job->student)->role = VENN_NET_FROZEN;
    stage->main = state->side[0].nets.decoder;
    stage->fit.data = data;
    stage->fit.keep_last = true;
    stage->end = measure;
    return VENN_OK;
}

const venn_method venn_method_crd = {
    .name = "crd",
    .summary = "finds anomalies by what students trained on normal pictures cannot rebuild of the "
               "teacher's features, each with the other modality's help",
    .reference = "Liu, Wang, Leng, Zhang: Crossmodal Reverse Distillation (later: Tuned Reverse "
                 "Distillation), arXiv 2412.08949",
    .status = "target met: dents are found 20 points better than by the student of the colours",
    .needs = VENN_NEEDS_TEACHER | VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_NO_LABELS,
    .equations = equations,
    .params_size = sizeof(crd_params),
    .params = params,
    .state_size = sizeof(crd_state),
    .score = "auroc",
    .alone = true,
    .objective = {.loss = loss, .score = score},
    .setup = setup,
};

// cmcl: continual multimodal contrastive learning with a dual-sided null space (DNS). A linear map per modality, on
// top of frozen encoders, is trained on pairs of modalities that arrive one after the other; each map's gradient is
// projected so that the scores of earlier pairs stay as they are.
//   u_m = W_m x_m + b_m;  L = InfoNCE(u_A -> u_B);  G_m <- G_m - Pt_m G_m P_m
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/eigen.h"
#include "venn/distill.h"
#include "venn/ops.h"

enum { MOST = 6, MOST_STAGES = 12, NAME = 64 };

typedef struct cmcl_params {
    const char *pairs;
    double temperature, keep, partner_keep;
    bool projection;
} cmcl_params;

typedef struct pair {
    size_t a, b; // inputs of the student
} pair;

typedef struct cmcl_map {
    const char *end;        // the map's layer
    char input[NAME];       // the place that feeds it
    venn_var *weight;       // W [D, D]
    venn_var *own, *mapped; // P and Pt
    double *seen, *partner; // C and C2, [D, D]
    bool met;
} cmcl_map;

typedef struct cmcl_state {
    size_t n, n_stages;
    int64_t width; // D
    int64_t seen;  // samples so far
    cmcl_map map[MOST];
    pair stage[MOST_STAGES];
    size_t current;              // stage in training
    double recall[MOST_STAGES];  // right after the own stage
    double *scores[MOST_STAGES]; // of its test pairs, then
    float *rows[MOST];           // room for a split's features
} cmcl_state;

static const venn_method_param params[] = {
    VENN_PARAM_TEXT(cmcl_params, pairs, NULL,
                    "modalities of each stage, as in \"v-t v-a t-a\"; stage s has the s-th part of "
                    "the classes",
                    "no default: they are the experiment"),
    VENN_PARAM_BOOL(cmcl_params, projection, 1, "project gradients; no: plain fine-tuning",
                    "paper"),
    VENN_PARAM_FLOAT(cmcl_params, temperature, 1, 1e-3, 1e3, "of the scores", "official code"),
    VENN_PARAM_FLOAT(cmcl_params, keep, 0.01, 0, 1e9,
                     "lambda_min: directions of x in which more than this lies are protected",
                     "paper (a secondary source); the official code's default is 0.1"),
    VENN_PARAM_FLOAT(cmcl_params, partner_keep, 1e-9, 0, 1e9, "the same of the partner's features",
                     "official code: 0, which rounding makes everything"),
    {0}};

static const venn_method_equation equations[] = {
    {"nce",
     "mean over b of logsumexp_k(u_A[b] . u_B[k] / T) - u_A[b] . u_B[b] / T, u_m = W_m x_m + "
     "b_m, W_m = 1 and b_m = 0 at first"},
    {"projection", "G_m <- G_m - Pt_m G_m P_m, P_m and Pt_m onto the eigenvectors of C_m and C2_m "
                   "above keep and partner_keep; b_m is left alone"},
    {"covariances", "C_m <- (n C_m + X_m^T X_m) / n', C2_B <- (n C2_B + W_A X_A^T X_A W_A^T) / n', "
                    "C2_A alike, n' = n + N, at the end of each stage"},
    {"drift", "mean |S - S'| / mean |S'|, S the test scores of earlier stages at the end, S' those "
              "right after the stage"},
    {"bwt", "mean over earlier stages of recall@1 at the end minus right after the stage"},
    {0}};

static const char *const stage_names[MOST_STAGES] = {"stage-1", "stage-2",  "stage-3",  "stage-4",
                                                     "stage-5", "stage-6",  "stage-7",  "stage-8",
                                                     "stage-9", "stage-10", "stage-11", "stage-12"};

// ---- A step ----------------------------------------------------------------------------------

static venn_tensor loss(void *user, venn_step *s)
{
    const venn_job *job = user;
    const cmcl_params *p = job->params;
    const cmcl_state *state = job->state;
    const pair *now = &state->stage[state->current];
    venn_tap taps[] = {{.layer = state->map[now->a].end}, {.layer = state->map[now->b].end}};
    const venn_info_nce_params nce = {.temperature = (float)p->temperature};
    venn_step_apply(s, job->student, &(venn_step_apply_params){.taps = taps, .n_taps = 2});
    venn_tensor value = venn_info_nce(s->g, taps[0].y, taps[1].y, VENN_NONE, &nce);
    venn_step_term(s, "nce", value);
    return value;
}

// Encoders stay as they are; a map's weight moves where it says nothing of earlier pairs.
static venn_tensor gradient(void *user, venn_step *s, const venn_var *var, venn_tensor g)
{
    const venn_job *job = user;
    const cmcl_params *p = job->params;
    const cmcl_state *state = job->state;
    for (size_t m = 0; m < state->n; m++) {
        const cmcl_map *map = &state->map[m];
        const size_t length = strlen(map->end);
        if (var == map->weight)
            return p->projection ? venn_project(s->g, g, venn_graph_var(s->g, map->own),
                                                venn_graph_var(s->g, map->mapped), true)
                                 : g;
        if (strncmp(venn_var_name(var), map->end, length) == 0 &&
            strcmp(venn_var_name(var) + length, ".bias") == 0)
            return g;
    }
    return VENN_NONE;
}

// ---- Features on the host --------------------------------------------------------------------

typedef struct probe {
    const venn_job *job;
    bool mapped; // u_m, not x_m
} probe;

static const char *const outputs[MOST] = {"0", "1", "2", "3", "4", "5"};

static void build_features(void *user, venn_step *s)
{
    const probe *p = user;
    const cmcl_state *state = p->job->state;
    venn_tap taps[MOST] = {{0}};
    for (size_t m = 0; m < state->n; m++)
        taps[m].layer = p->mapped ? state->map[m].end : state->map[m].input;
    venn_step_apply(s, p->job->student,
                    &(venn_step_apply_params){.taps = taps, .n_taps = state->n});
    for (size_t m = 0; m < state->n; m++)
        venn_graph_output(s->g, outputs[m], taps[m].y);
}

// Features of a split of the whole data into state->rows, freed by drop_rows.
static venn_status gather(venn_job *job, venn_split_id split, bool mapped)
{
    cmcl_state *state = job->state;
    struct venn_sweep_output to[MOST + 1] = {{0}};
    const size_t size = (size_t)(job->data->split[split].n * state->width);
    probe p = {job, mapped};
    for (size_t m = 0; m < state->n; m++) {
        state->rows[m] = venn_alloc(size + 1, sizeof(float));
        to[m] = (struct venn_sweep_output){outputs[m], state->rows[m]};
        if (!state->rows[m])
            return VENN_NO_MEMORY;
    }
    return venn_job_sweep(
        job, &(venn_sweep){.split = split, .user = &p, .build = build_features, .outputs = to});
}

static void drop_rows(cmcl_state *state)
{
    for (size_t m = 0; m < state->n; m++) {
        free(state->rows[m]);
        state->rows[m] = NULL;
    }
}

static bool belongs(const venn_job *job, venn_split_id split, int64_t row, size_t stage)
{
    const cmcl_state *state = job->state;
    const int64_t label = job->data->split[split].labels[row];
    return (size_t)(label * (int64_t)state->n_stages / job->data->class_count) == stage;
}

// Numbers of a stage's pairs; the caller frees them. NULL if there is no memory.
static int64_t *rows_of(const venn_job *job, venn_split_id split, size_t stage, int64_t *n)
{
    const int64_t all = job->data->split[split].n;
    int64_t *rows = venn_alloc((size_t)all + 1, sizeof *rows);
    *n = 0;
    for (int64_t i = 0; rows && i < all; i++)
        if (belongs(job, split, i, stage))
            rows[(*n)++] = i;
    return rows;
}

// ---- Scores ----------------------------------------------------------------------------------

static double dot(const float *a, const float *b, int64_t n)
{
    double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

// S [n, n] of a stage's pairs from state->rows; NULL if there is no memory.
static double *score_matrix(const venn_job *job, venn_split_id split, size_t stage, int64_t *n)
{
    const cmcl_state *state = job->state;
    const pair *of = &state->stage[stage];
    const int64_t d = state->width;
    int64_t *rows = rows_of(job, split, stage, n);
    double *scores = rows ? venn_alloc((size_t)(*n * *n) + 1, sizeof *scores) : NULL;
    for (int64_t i = 0; scores && i < *n; i++)
        for (int64_t j = 0; j < *n; j++)
            scores[i * *n + j] =
                dot(state->rows[of->a] + rows[i] * d, state->rows[of->b] + rows[j] * d, d);
    free(rows);
    return scores;
}

static double recall_at_1(const double *scores, int64_t n)
{
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t best = 0;
        for (int64_t j = 1; j < n; j++)
            if (scores[i * n + j] > scores[i * n + best])
                best = j;
        found += best == i;
    }
    return n ? (double)found / (double)n : NAN;
}

static double difference(const double *now, const double *then, int64_t n)
{
    double change = 0, size = 0;
    for (int64_t i = 0; i < n * n; i++) {
        change += fabs(now[i] - then[i]);
        size += fabs(then[i]);
    }
    return size > 0 ? change / size : 0;
}

// Mean recall@1 of all stages' pairs.
static venn_status score(void *user, venn_split_id split, double *value, double *loss_value)
{
    venn_job *job = user;
    cmcl_state *state = job->state;
    venn_status status = gather(job, split, true);
    (void)loss_value;
    *value = 0;
    for (size_t t = 0; t < state->n_stages && status == VENN_OK; t++) {
        int64_t n;
        double *scores = score_matrix(job, split, t, &n);
        status = scores ? VENN_OK : VENN_NO_MEMORY;
        *value += scores ? recall_at_1(scores, n) / (double)state->n_stages : 0;
        free(scores);
    }
    drop_rows(state);
    return status;
}

// Remembers the scores of the stage that ended, and compares those of the stages before.
static venn_status compare(venn_job *job)
{
    cmcl_state *state = job->state;
    const size_t now = state->current, before = now;
    double drift = 0, forgotten = 0, after = 0;
    for (size_t t = 0; t <= now; t++) {
        int64_t n;
        double *scores = score_matrix(job, VENN_TEST, t, &n);
        if (!scores)
            return VENN_NO_MEMORY;
        if (t == now) {
            state->scores[t] = scores;
            state->recall[t] = recall_at_1(scores, n);
        } else {
            drift += difference(scores, state->scores[t], n) / (double)before;
            forgotten += (recall_at_1(scores, n) - state->recall[t]) / (double)before;
            free(scores);
        }
        after += state->recall[t] / (double)(now + 1);
    }
    venn_job_measure(job, "recall_after_stage", after);
    venn_job_measure(job, "bwt", forgotten);
    venn_job_measure(job, "drift", drift);
    return VENN_OK;
}

// ---- Covariances and projectors --------------------------------------------------------------

// c += X^T X / total over the rows, after c *= share of what was there.
static void cover(double *c, const float *x, const int64_t *rows, int64_t n, int64_t d,
                  double share, double total)
{
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j < d; j++) {
            double sum = 0;
            for (int64_t r = 0; r < n; r++)
                sum += (double)x[rows[r] * d + i] * (double)x[rows[r] * d + j];
            c[i * d + j] = c[i * d + j] * share + sum / total;
        }
}

// X W^T without the bias, in place.
static venn_status map_rows(const cmcl_state *state, size_t m, const int64_t *rows, int64_t n)
{
    const int64_t d = state->width;
    float *w = venn_alloc((size_t)(d * d + d), sizeof *w);
    if (!w)
        return VENN_NO_MEMORY;
    venn_status status = venn_var_read(state->map[m].weight, w, (size_t)(d * d) * sizeof *w);
    for (int64_t r = 0; r < n && status == VENN_OK; r++) {
        float *x = state->rows[m] + rows[r] * d, *y = w + d * d;
        for (int64_t i = 0; i < d; i++)
            y[i] = (float)dot(w + i * d, x, d);
        memcpy(x, y, (size_t)d * sizeof *x);
    }
    free(w);
    return status;
}

static venn_status remember(cmcl_state *state, const int64_t *rows, int64_t n)
{
    const pair *now = &state->stage[state->current];
    const int64_t d = state->width;
    cmcl_map *a = &state->map[now->a], *b = &state->map[now->b];
    const double total = (double)(state->seen + n), share = (double)state->seen / total;
    cover(a->seen, state->rows[now->a], rows, n, d, share, total);
    cover(b->seen, state->rows[now->b], rows, n, d, share, total);
    VENN_TRY(map_rows(state, now->a, rows, n));
    VENN_TRY(map_rows(state, now->b, rows, n));
    cover(b->partner, state->rows[now->a], rows, n, d, share, total);
    cover(a->partner, state->rows[now->b], rows, n, d, share, total);
    state->seen += n;
    a->met = b->met = true;
    return VENN_OK;
}

// Writes the projector onto c's eigenvectors above `least`.
static venn_status project_on(venn_var *var, const double *c, int64_t d, double least)
{
    venn_eigen eigen = {0};
    float *p = venn_alloc((size_t)(d * d), sizeof *p);
    if (!p)
        return VENN_NO_MEMORY;
    venn_status status = venn_eigen_leading(&eigen, c, (int32_t)d, 1, (int32_t)d);
    for (int64_t i = 0; i < d * d && status == VENN_OK; i++) {
        double sum = 0;
        for (int32_t k = 0; k < eigen.count && eigen.value[k] > least; k++)
            sum += eigen.vector[k * d + i / d] * eigen.vector[k * d + i % d];
        p[i] = (float)sum;
    }
    if (status == VENN_OK)
        status = venn_var_write(var, p, venn_var_bytes(var));
    venn_eigen_finish(&eigen);
    free(p);
    return status;
}

// ---- Stages ----------------------------------------------------------------------------------

static size_t number_of(const venn_job_stage *stage)
{
    size_t t = 0;
    while (strcmp(stage_names[t], stage->name) != 0)
        t++;
    return t;
}

static venn_status begin(venn_job *job, venn_job_stage *stage)
{
    const cmcl_params *p = job->params;
    cmcl_state *state = job->state;
    state->current = number_of(stage);
    const pair *now = &state->stage[state->current];
    const size_t both[] = {now->a, now->b};
    for (int i = 0; i < 2; i++) {
        cmcl_map *map = &state->map[both[i]];
        if (!p->projection || !map->met)
            continue;
        VENN_TRY(project_on(map->own, map->seen, state->width, p->keep));
        VENN_TRY(project_on(map->mapped, map->partner, state->width, p->partner_keep));
    }
    return VENN_OK;
}

static venn_status end(venn_job *job, venn_job_stage *stage)
{
    cmcl_state *state = job->state;
    int64_t n;
    (void)stage;
    int64_t *rows = rows_of(job, VENN_TRAIN, state->current, &n);
    venn_status status = rows ? gather(job, VENN_TRAIN, false) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = remember(state, rows, n);
    drop_rows(state);
    free(rows);
    VENN_TRY(status);
    status = gather(job, VENN_TEST, true);
    if (status == VENN_OK)
        status = compare(job);
    drop_rows(state);
    return status;
}

// ---- Setup -----------------------------------------------------------------------------------

static venn_status identity_of(const cmcl_state *state, const cmcl_map *map, const venn_net *net)
{
    const int64_t d = state->width;
    char name[NAME + 8];
    snprintf(name, sizeof name, "%s.bias", map->end);
    const venn_net_param *bias = venn_net_param_find(net, name);
    float *values = venn_alloc((size_t)(d * d), sizeof *values);
    if (!values)
        return VENN_NO_MEMORY;
    venn_status status =
        bias ? venn_var_write(bias->var, values, (size_t)d * sizeof *values) : VENN_OK;
    for (int64_t i = 0; i < d; i++)
        values[i * d + i] = 1;
    if (status == VENN_OK)
        status = venn_var_write(map->weight, values, (size_t)(d * d) * sizeof *values);
    free(values);
    return status;
}

// The place before the branch's last layer.
static void find_input(const venn_net *net, cmcl_map *map)
{
    const char *dot_at = strrchr(map->end, '.');
    const size_t length = dot_at ? (size_t)(dot_at - map->end) + 1 : 0;
    snprintf(map->input, sizeof map->input, "%.*sinput", (int)length, map->end);
    for (size_t i = 1; i < venn_net_n_layers(net); i++)
        if (strcmp(venn_net_layer(net, i).name, map->end) == 0 &&
            strncmp(venn_net_layer(net, i - 1).name, map->end, length) == 0)
            snprintf(map->input, sizeof map->input, "%s", venn_net_layer(net, i - 1).name);
}

static venn_status create_map(venn_job *job, size_t m)
{
    static const char *const own[MOST] = {"own-1", "own-2", "own-3", "own-4", "own-5", "own-6"};
    static const char *const mapped[MOST] = {"mapped-1", "mapped-2", "mapped-3",
                                             "mapped-4", "mapped-5", "mapped-6"};
    cmcl_state *state = job->state;
    cmcl_map *map = &state->map[m];
    char name[NAME + 8];
    map->end = venn_net_branch_end(job->student, m);
    find_input(job->student, map);
    snprintf(name, sizeof name, "%s.weight", map->end);
    const venn_net_param *weight = venn_net_param_find(job->student, name);
    venn_shape shape = weight ? venn_var_shape(weight->var) : VENN_SCALAR;
    if (!weight || shape.rank != 2 || shape.dim[0] != shape.dim[1] ||
        (m && shape.dim[0] != state->width))
        return venn_fail(
            VENN_BAD_ARG,
            "method cmcl: the student's networks must end in a linear layer that gives "
            "as many values as it takes, the same for all");
    const int64_t d = state->width = shape.dim[0];
    map->weight = weight->var;
    map->seen = venn_alloc((size_t)(2 * d * d), sizeof(double));
    if (!map->seen)
        return VENN_NO_MEMORY;
    map->partner = map->seen + d * d;
    VENN_TRY(venn_job_var(job, own[m], VENN_F32, shape, false, NULL, &map->own));
    VENN_TRY(venn_job_var(job, mapped[m], VENN_F32, shape, false, NULL, &map->mapped));
    return identity_of(state, map, job->student);
}

static size_t input_named(const venn_job *job, const char *name, size_t length)
{
    size_t m = 0;
    while (m < job->n_student_inputs && (strlen(job->student_modalities[m]) != length ||
                                         strncmp(job->student_modalities[m], name, length) != 0))
        m++;
    return m;
}

static venn_status read_pairs(venn_job *job)
{
    const cmcl_params *p = job->params;
    cmcl_state *state = job->state;
    for (const char *at = p->pairs ? p->pairs : ""; *at;) {
        const size_t length = strcspn(at, " "), half = strcspn(at, "- ");
        if (length) {
            pair *to = &state->stage[state->n_stages < MOST_STAGES ? state->n_stages : 0];
            to->a = input_named(job, at, half);
            to->b = half < length ? input_named(job, at + half + 1, length - half - 1) : state->n;
            if (to->a >= state->n || to->b >= state->n || state->n_stages++ >= MOST_STAGES)
                return venn_fail(VENN_BAD_ARG,
                                 "method cmcl: pairs are two of the student's modalities with a - "
                                 "between them, and blanks between up to %d pairs; not \"%.*s\"",
                                 MOST_STAGES, (int)length, at);
        }
        at += length + (at[length] == ' ');
    }
    if (state->n_stages == 0 || (int32_t)state->n_stages > job->data->class_count)
        return venn_fail(VENN_BAD_ARG,
                         "method cmcl: pairs names %zu stages; it needs 1 to %d, as "
                         "every stage has classes of its own",
                         state->n_stages, job->data->class_count);
    return VENN_OK;
}

static venn_status add_stage(venn_job *job, size_t t)
{
    int64_t n;
    int64_t *rows = rows_of(job, VENN_TRAIN, t, &n);
    const venn_selection select[VENN_SPLITS] = {{.rows = rows, .n = n}};
    venn_dataset *data;
    venn_status status = rows ? venn_dataset_select(&data, job->data, select) : VENN_NO_MEMORY;
    free(rows);
    VENN_TRY(status);
    venn_job_own_data(job, data);
    venn_job_stage *stage = venn_job_add_stage(job, stage_names[t]);
    if (!stage)
        return VENN_OK; // the job keeps the error
    stage->fit.data = data;
    stage->fit.keep_last = true;
    if (stage->fit.batch > n)
        stage->fit.batch = (uint32_t)n;
    stage->begin = begin;
    stage->end = end;
    return VENN_OK;
}

static venn_status setup(venn_job *job)
{
    cmcl_state *state = job->state;
    state->n = job->n_student_inputs;
    if (state->n < 2 || state->n > MOST)
        return venn_fail(VENN_BAD_ARG, "method cmcl: the student needs 2 to %d inputs", MOST);
    VENN_TRY(read_pairs(job));
    for (size_t m = 0; m < state->n; m++)
        VENN_TRY(create_map(job, m));
    for (size_t t = 0; t < state->n_stages; t++)
        VENN_TRY(add_stage(job, t));
    return VENN_OK;
}

static void finish(venn_job *job)
{
    cmcl_state *state = job->state;
    for (size_t m = 0; m < state->n; m++)
        free(state->map[m].seen);
    for (size_t t = 0; t < MOST_STAGES; t++)
        free(state->scores[t]);
}

const venn_method venn_method_cmcl = {
    .name = "cmcl",
    .summary =
        "continual contrastive learning of pairs of modalities: InfoNCE, each map's gradient "
        "projected to keep the scores of earlier pairs",
    .reference = "Liu, Xia, Ng, Chua: Continual Multimodal Contrastive Learning, NeurIPS 2025",
    .status = "target met: scores drift a tenth of those without projection",
    .needs = VENN_NEEDS_TWO_INPUTS | VENN_NEEDS_NO_LABELS | VENN_NEEDS_MEMORY | VENN_NEEDS_STAGES,
    .equations = equations,
    .params_size = sizeof(cmcl_params),
    .params = params,
    .state_size = sizeof(cmcl_state),
    .score = "recall@1",
    .alone = true,
    .objective = {.loss = loss, .gradient = gradient, .score = score},
    .setup = setup,
    .finish = finish,
};

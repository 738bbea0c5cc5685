// Permutation salience. What stands at the place, and what the other branches give, is computed once for
// all pairs; a second program then goes on from there for many (channel, permutation) variants of a batch
// at a time.
#include "venn/salience.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "venn/ops.h"
#include "venn/train.h"

enum {
    STREAM_PERMUTE = 0x73616c00, // "sal"
    MAX_BRANCHES = 8,
    VALUES_AT_ONCE = 4 << 20 // of the largest layer of all variants together
};

typedef struct measuring {
    venn_device *device;
    const venn_seer *of, *other;
    const venn_dataset *data;
    venn_salience_params p;
    venn_salience *out;
    int64_t n, classes, channels, area, batch, batches, variants; // area: values of a channel
    size_t branches;                              // whose ends are needed: 0 for one
    float *at, *own, *others, *end[MAX_BRANCHES]; // [n, ...] at the place, logits, branch ends
    double *distance, *effect, *loss;             // [channels] sums
    uint32_t *order;                              // [batch]
    venn_program *program;
} measuring;

// ---- What is there without shuffling ---------------------------------------------------------

static int64_t end_width(const measuring *m, size_t b)
{
    venn_shape shape;
    return venn_net_place(m->of->net, venn_net_branch_end(m->of->net, b), &shape) == VENN_OK
               ? venn_shape_count(&shape)
               : 0;
}

static venn_tensor flat(venn_step *s, venn_tensor x, int64_t width)
{
    return venn_reshape(s->g, x, VENN_SHAPE(s->batch, width));
}

static void build_sweep(void *user, venn_step *s)
{
    const measuring *m = user;
    char name[16];
    venn_tap taps[MAX_BRANCHES + 1] = {{.layer = m->p.place}};
    for (size_t b = 0; b < m->branches; b++)
        taps[b + 1].layer = venn_net_branch_end(m->of->net, b);
    const venn_step_apply_params how = {.taps = taps, .n_taps = m->branches + 1};
    venn_graph_output(s->g, "own", venn_step_apply(s, m->of->net, &how));
    venn_graph_output(s->g, "other", venn_step_apply(s, m->other->net, NULL));
    venn_graph_output(s->g, "at", flat(s, taps[0].y, m->channels * m->area));
    for (size_t b = 0; b < m->branches; b++) {
        // Where the place is the end of a branch, its tap was filled first.
        const bool same = strcmp(taps[b + 1].layer, m->p.place) == 0;
        snprintf(name, sizeof name, "end%zu", b);
        venn_graph_output(s->g, name, flat(s, taps[same ? 0 : b + 1].y, end_width(m, b)));
    }
}

static venn_status sweep(measuring *m)
{
    const size_t n = (size_t)m->n;
    char name[MAX_BRANCHES][16];
    struct venn_sweep_output outputs[MAX_BRANCHES + 4] = {{0}};
    m->at = venn_alloc(n * (size_t)(m->channels * m->area), sizeof *m->at);
    m->own = venn_alloc(n * (size_t)m->classes, sizeof *m->own);
    m->others = venn_alloc(n * (size_t)m->classes, sizeof *m->others);
    if (!m->at || !m->own || !m->others)
        return VENN_NO_MEMORY;
    outputs[0] = (struct venn_sweep_output){"own", m->own};
    outputs[1] = (struct venn_sweep_output){"other", m->others};
    outputs[2] = (struct venn_sweep_output){"at", m->at};
    for (size_t b = 0; b < m->branches; b++) {
        m->end[b] = venn_alloc(n * (size_t)end_width(m, b), sizeof(float));
        if (!m->end[b])
            return VENN_NO_MEMORY;
        snprintf(name[b], sizeof name[b], "end%zu", b);
        outputs[3 + b] = (struct venn_sweep_output){name[b], m->end[b]};
    }
    const venn_fit_net nets[] = {
        {.net = m->of->net, .name = "of", .modalities = m->of->modalities, .role = VENN_NET_FROZEN},
        {.net = m->other->net,
         .name = "other",
         .modalities = m->other->modalities,
         .role = VENN_NET_FROZEN}};
    return venn_sweep_run(m->device, &(venn_sweep){.data = m->data,
                                                   .split = m->p.split,
                                                   .nets = nets,
                                                   .n_nets = 2,
                                                   .user = m,
                                                   .build = build_sweep,
                                                   .outputs = outputs});
}

// ---- Variants --------------------------------------------------------------------------------

// [V, B, C, A]: the values at the place, in variant v with channel[v] in the order order[v].
static venn_tensor shuffled(const measuring *m, venn_graph *g)
{
    const int64_t v = m->variants, b = m->batch, c = m->channels;
    venn_tensor x = venn_graph_input(g, "at", VENN_F32, VENN_SHAPE(b, c, m->area));
    venn_tensor order = venn_graph_input(g, "order", VENN_I32, VENN_SHAPE(v, b));
    venn_tensor channel = venn_graph_input(g, "channel", VENN_I32, VENN_SHAPE(v));
    venn_tensor moves = venn_reshape(g, venn_one_hot(g, channel, (int)c), VENN_SHAPE(v, 1, c, 1));
    venn_tensor still =
        venn_mul(g, venn_reshape(g, x, VENN_SHAPE(1, b, c, m->area)), venn_scale(g, moves, -1, 1));
    return venn_add(g, still, venn_mul(g, venn_take_rows(g, x, order, 0), moves));
}

// An input of B rows, once for each variant: [V B, sample...].
static venn_tensor repeated(const measuring *m, venn_graph *g, const char *name,
                            const venn_shape *sample)
{
    const int64_t width = venn_shape_count(sample);
    venn_tensor x = venn_graph_input(g, name, VENN_F32, VENN_SHAPE(1, m->batch, width));
    venn_shape shape = {.rank = sample->rank + 1, .dim = {m->variants * m->batch}};
    memcpy(shape.dim + 1, sample->dim, (size_t)sample->rank * sizeof *sample->dim);
    x = venn_broadcast_to(g, x, VENN_SHAPE(m->variants, m->batch, width));
    return venn_reshape(g, x, shape);
}

static venn_tensor apply_behind(const measuring *m, venn_graph *g)
{
    venn_tensor ends[MAX_BRANCHES];
    char name[16];
    venn_shape sample, shape;
    if (venn_net_place(m->of->net, m->p.place, &sample) < 0)
        return VENN_NONE;
    shape = (venn_shape){.rank = sample.rank + 1, .dim = {m->variants * m->batch}};
    memcpy(shape.dim + 1, sample.dim, (size_t)sample.rank * sizeof *sample.dim);
    for (size_t b = 0; b < m->branches; b++) {
        snprintf(name, sizeof name, "end%zu", b);
        if (venn_net_place(m->of->net, venn_net_branch_end(m->of->net, b), &sample) < 0)
            return VENN_NONE;
        ends[b] = repeated(m, g, name, &sample);
    }
    return venn_net_apply_behind(m->of->net, g, m->p.place, venn_reshape(g, shuffled(m, g), shape),
                                 ends, NULL);
}

// Of each variant, between logits [V, B, K] and those without shuffling.
static venn_tensor distance(const measuring *m, venn_graph *g, venn_tensor z, const char *to)
{
    venn_tensor y = venn_graph_input(g, to, VENN_F32, VENN_SHAPE(1, m->batch, m->classes));
    venn_tensor d = venn_sub(g, z, y);
    d = m->p.distance == VENN_SALIENCE_L1 ? venn_abs(g, d) : venn_mul(g, d, d);
    return venn_mean(g, d, &(venn_reduce_params){.axes = 1 << 1 | 1 << 2});
}

static void build_variants(const measuring *m, venn_graph *g)
{
    const int64_t rows = m->variants * m->batch;
    const venn_cross_entropy_params each = {.reduction = VENN_REDUCE_NONE};
    venn_tensor z = apply_behind(m, g);
    venn_tensor labels = venn_graph_input(g, "labels", VENN_I32, VENN_SHAPE(rows));
    venn_tensor loss =
        venn_reshape(g, venn_cross_entropy(g, z, labels, &each), VENN_SHAPE(m->variants, m->batch));
    z = venn_reshape(g, z, VENN_SHAPE(m->variants, m->batch, m->classes));
    venn_graph_output(g, "distance", distance(m, g, z, "other"));
    venn_graph_output(g, "effect", distance(m, g, z, "own"));
    venn_graph_output(g, "loss", venn_mean(g, loss, &(venn_reduce_params){.axes = 1 << 1}));
}

// ---- Running ---------------------------------------------------------------------------------

static void write_rows(const measuring *m, const char *name, const float *rows, int64_t first)
{
    size_t bytes;
    void *to = venn_program_input(m->program, name, &bytes);
    if (to)
        memcpy(to, (const char *)rows + (size_t)(first / m->batch) * bytes, bytes);
}

// Variant v of a block that begins at `start` is channel (start + v) / M; those past the last repeat it.
static int64_t channel_of(const measuring *m, int64_t start, int64_t v)
{
    const int64_t channel = (start + v) / m->p.permutations;
    return channel < m->channels ? channel : m->channels - 1;
}

static void write_variants(measuring *m, int64_t first, int64_t start)
{
    int32_t *order = venn_program_input(m->program, "order", NULL);
    int32_t *channel = venn_program_input(m->program, "channel", NULL);
    int32_t *labels = venn_program_input(m->program, "labels", NULL);
    const int64_t all = m->channels * m->p.permutations;
    for (int64_t v = 0; v < m->variants; v++) {
        const uint64_t number = (uint64_t)(first / m->batch * all + start + v);
        venn_rng rng = venn_rng_make(m->p.seed, number, STREAM_PERMUTE);
        venn_rng_permutation(&rng, m->order, (uint32_t)m->batch);
        for (int64_t i = 0; i < m->batch; i++)
            order[v * m->batch + i] = (int32_t)m->order[i];
        channel[v] = (int32_t)channel_of(m, start, v);
        memcpy(labels + v * m->batch, m->data->split[m->p.split].labels + first,
               (size_t)m->batch * sizeof *labels);
    }
}

static venn_status run_block(measuring *m, int64_t first, int64_t start)
{
    char name[16];
    uint64_t ticket;
    VENN_TRY(venn_program_begin(m->program));
    write_rows(m, "at", m->at, first);
    write_rows(m, "own", m->own, first);
    write_rows(m, "other", m->others, first);
    for (size_t b = 0; b < m->branches; b++) {
        snprintf(name, sizeof name, "end%zu", b);
        write_rows(m, name, m->end[b], first);
    }
    write_variants(m, first, start);
    VENN_TRY(venn_program_run(m->program, &ticket));
    const float *d = venn_program_output(m->program, ticket, "distance", NULL);
    const float *e = venn_program_output(m->program, ticket, "effect", NULL);
    const float *l = venn_program_output(m->program, ticket, "loss", NULL);
    for (int64_t v = 0; v < m->variants && start + v < m->channels * m->p.permutations; v++) {
        const int64_t c = channel_of(m, start, v);
        m->distance[c] += (double)d[v];
        m->effect[c] += (double)e[v];
        m->loss[c] += (double)l[v];
    }
    return VENN_OK;
}

static venn_status run_blocks(measuring *m)
{
    venn_graph *g;
    VENN_TRY(venn_graph_create(&g));
    build_variants(m, g);
    venn_status status = venn_graph_compile(&m->program, g, m->device,
                                            &(venn_compile_params){.name = "salience", .slots = 1});
    venn_graph_destroy(&g);
    for (int64_t b = 0; b < m->batches; b++)
        for (int64_t v = 0; status == VENN_OK && v < m->channels * m->p.permutations;
             v += m->variants)
            status = run_block(m, b * m->batch, v);
    return status;
}

// ---- Result ----------------------------------------------------------------------------------

static void normalise(venn_salience *s)
{
    double low = INFINITY, high = -INFINITY;
    for (int64_t c = 0; c < s->n; c++) {
        low = fmin(low, s->distance[c]);
        high = fmax(high, s->distance[c]);
    }
    for (int64_t c = 0; c < s->n; c++)
        s->score[c] = high > low ? (s->distance[c] - low) / (high - low) : 0;
}

static double cross_entropy(const float *z, int64_t classes, int32_t label)
{
    double rest = 0; // of the others, as shares of the label's own
    for (int64_t k = 0; k < classes; k++)
        rest += k == label ? 0 : exp((double)z[k] - (double)z[label]);
    return log1p(rest);
}

static void find_base(const measuring *m)
{
    const int64_t rows = m->batch * m->batches;
    for (int64_t i = 0; i < rows * m->classes; i++) {
        const double d = fabs((double)m->own[i] - (double)m->others[i]);
        m->out->base +=
            (m->p.distance == VENN_SALIENCE_L1 ? d : d * d) / (double)(rows * m->classes);
    }
    for (int64_t i = 0; i < rows; i++)
        m->out->base_loss += cross_entropy(m->own + i * m->classes, m->classes,
                                           m->data->split[m->p.split].labels[i]) /
                             (double)rows;
}

static venn_status fill(const measuring *m)
{
    venn_salience *s = m->out;
    const double runs = (double)m->batches * m->p.permutations;
    const size_t n = (size_t)m->channels;
    s->place = venn_strdup(m->p.place);
    s->score = venn_alloc(n, sizeof(double));
    s->distance = venn_alloc(n, sizeof(double));
    s->effect = venn_alloc(n, sizeof(double));
    s->loss = venn_alloc(n, sizeof(double));
    if (!s->place || !s->score || !s->distance || !s->effect || !s->loss)
        return VENN_NO_MEMORY;
    s->n = m->channels;
    s->permutations = m->p.permutations;
    s->rows = m->batch * m->batches;
    for (size_t c = 0; c < n; c++) {
        s->distance[c] = m->distance[c] / runs;
        s->effect[c] = m->effect[c] / runs;
        s->loss[c] = m->loss[c] / runs;
    }
    find_base(m);
    normalise(s);
    return VENN_OK;
}

// ---- Set-up ----------------------------------------------------------------------------------

static venn_status check(measuring *m)
{
    const venn_shape own = venn_net_output_shape(m->of->net);
    const venn_shape other = venn_net_output_shape(m->other->net);
    char a[VENN_SHAPE_TEXT_MAX], b[VENN_SHAPE_TEXT_MAX];
    venn_shape at;
    if (!venn_shape_equal(&own, &other) || own.rank != 1)
        return venn_fail(VENN_BAD_ARG, "salience compares logits of one shape, not %s and %s",
                         venn_shape_text(&own, a, sizeof a), venn_shape_text(&other, b, sizeof b));
    VENN_TRY(venn_net_place(m->of->net, m->p.place, &at));
    m->n = m->data->split[m->p.split].n;
    if (at.rank < 1 || m->n < 2)
        return venn_fail(VENN_BAD_ARG,
                         "salience needs a place with channels and two pairs; %s has "
                         "%s, the %s split %lld pairs",
                         m->p.place, venn_shape_text(&at, a, sizeof a), venn_split_name(m->p.split),
                         (long long)m->n);
    if (venn_net_n_branches(m->of->net) > MAX_BRANCHES)
        return venn_fail(VENN_BAD_ARG, "salience of a network of more than %d branches",
                         MAX_BRANCHES);
    m->classes = own.dim[0];
    m->channels = at.dim[0];
    m->area = venn_shape_count(&at) / at.dim[0];
    m->branches = venn_net_n_branches(m->of->net) > 1 ? venn_net_n_branches(m->of->net) : 0;
    return VENN_OK;
}

// How many variants go into one run: as many as keep the largest layer small, all of a channel together
// where they fit.
static void choose_sizes(measuring *m)
{
    int64_t most = m->channels * m->area;
    for (size_t i = 0; i < venn_net_n_layers(m->of->net); i++) {
        const venn_shape shape = venn_net_layer(m->of->net, i).output;
        most = venn_shape_count(&shape) > most ? venn_shape_count(&shape) : most;
    }
    m->batches = (m->n + m->p.rows - 1) / m->p.rows;
    m->batch = m->n / m->batches;
    const int64_t all = m->channels * m->p.permutations, fit = VALUES_AT_ONCE / (m->batch * most);
    m->variants = fit < 1 ? 1 : fit < all ? fit : all;
    if (m->variants > m->p.permutations)
        m->variants -= m->variants % m->p.permutations;
}

static venn_status measure(measuring *m)
{
    VENN_TRY(check(m));
    choose_sizes(m);
    const size_t n = (size_t)m->channels;
    m->distance = venn_alloc(n, sizeof(double));
    m->effect = venn_alloc(n, sizeof(double));
    m->loss = venn_alloc(n, sizeof(double));
    m->order = venn_alloc((size_t)m->batch, sizeof *m->order);
    if (!m->distance || !m->effect || !m->loss || !m->order)
        return VENN_NO_MEMORY;
    VENN_TRY(sweep(m));
    VENN_TRY(run_blocks(m));
    return fill(m);
}

venn_status venn_salience_measure(venn_device *device, const venn_seer *of, const venn_seer *other,
                                  const venn_dataset *data, const venn_salience_params *params,
                                  venn_salience *out)
{
    measuring m = {.device = device, .of = of, .other = other, .data = data, .out = out};
    if (params)
        m.p = *params;
    m.p.place = m.p.place ? m.p.place : venn_net_last_features(of->net);
    m.p.permutations = m.p.permutations ? m.p.permutations : 10;
    m.p.rows = m.p.rows ? m.p.rows : 512;
    *out = (venn_salience){0};
    venn_status status = measure(&m);
    venn_program_destroy(&m.program);
    for (size_t b = 0; b < MAX_BRANCHES; b++)
        free(m.end[b]);
    free(m.at);
    free(m.own);
    free(m.others);
    free(m.distance);
    free(m.effect);
    free(m.loss);
    free(m.order);
    if (status < 0)
        venn_salience_finish(out);
    return status;
}

void venn_salience_finish(venn_salience *salience)
{
    free(salience->place);
    free(salience->score);
    free(salience->distance);
    free(salience->effect);
    free(salience->loss);
    *salience = (venn_salience){0};
}

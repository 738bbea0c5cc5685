// The modality Venn diagram of real data. A side's channels are weighted by how decisive they are; the
// share of each that the other side's features explain is shared, the rest is the side's own.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"
#include "mfh/cross_prediction.h"
#include "mfh/place_values.h"
#include "venn/mfh.h"

enum {
    MOST_ROWS = 1000,
    FOLDS = 5,
    NEIGHBOURS = 4,
    NULLS = 100,                // at least so many measurements say what chance alone gives
    STREAM_JITTER = 0x6a697400, // "jit"
    STREAM_LABELS = 0x6c616200  // "lab"
};

const char *venn_mfh_estimate_name(int estimate)
{
    static const char *const names[VENN_MFH_ESTIMATES] = {
        "salience, Gaussian", "salience, KSG", "information, Gaussian", "information, KSG"};
    return names[estimate];
}

// ---- One channel -----------------------------------------------------------------------------

// Column c of the samples, standardized, with a trace of noise: neighbours of values that are often equal (a
// rectifier's zeros) would mean nothing. False if it does not vary.
static bool take_column(const venn_samples *s, int64_t c, uint64_t seed, double *column)
{
    double mean = 0, variance = 0;
    venn_rng rng = venn_rng_make(seed, (uint64_t)c, STREAM_JITTER);
    for (int64_t i = 0; i < s->n; i++)
        mean += s->values[i * s->width + c] / (double)s->n;
    for (int64_t i = 0; i < s->n; i++) {
        const double d = s->values[i * s->width + c] - mean;
        variance += d * d / (double)s->n;
    }
    if (variance <= 1e-12 * (1 + mean * mean))
        return false;
    for (int64_t i = 0; i < s->n; i++)
        column[i] = (s->values[i * s->width + c] - mean) / sqrt(variance) +
                    1e-6 * (double)venn_rng_normal(&rng);
    return true;
}

// Linfoot's coefficient: of jointly Gaussian variables the share of variance that one explains.
static double explained(double nats)
{
    return 1 - exp(-2 * nats);
}

typedef struct columns {
    double *channel, *prediction; // [n]
} columns;

static venn_status measure_channel(const venn_place_values *own, const venn_samples *predicted,
                                   int64_t c, columns *work, venn_mfh_estimate_side *side)
{
    const venn_samples channel = {work->channel, own->samples.n, 1};
    const venn_samples prediction = {work->prediction, own->samples.n, 1};
    double nats;
    if (!take_column(&own->samples, c, 1, work->channel))
        return VENN_OK;
    if (!take_column(predicted, c, 2, work->prediction))
        return VENN_OK;
    VENN_TRY(venn_mi_gaussian(&channel, &prediction, &nats));
    side->gaussian[c] = explained(nats);
    VENN_TRY(venn_mi_ksg(&channel, &prediction, NEIGHBOURS, &nats));
    side->ksg[c] = explained(nats);
    return VENN_OK;
}

// ---- What a channel says of the label --------------------------------------------------------

typedef struct telling {
    const venn_place_values *own;
    int neighbours;    // an eighth of a class: single channels say little, and fewer are too noisy
    double *column;    // [n]
    uint32_t *order;   // [n]
    int32_t *labels;   // [n] in that order
    double *by_chance; // [nulls]
    int64_t nulls;
} telling;

static int count_neighbours(const venn_place_values *own)
{
    int32_t classes = 1;
    for (int64_t i = 0; i < own->samples.n; i++)
        classes = own->labels[i] >= classes ? own->labels[i] + 1 : classes;
    const int64_t eighth = own->samples.n / (8 * (int64_t)classes);
    return eighth > NEIGHBOURS ? (int)eighth : NEIGHBOURS;
}

static void shuffle_labels(telling *t, int64_t draw)
{
    venn_rng rng = venn_rng_make(3, (uint64_t)draw, STREAM_LABELS);
    venn_rng_permutation(&rng, t->order, (uint32_t)t->own->samples.n);
    for (int64_t i = 0; i < t->own->samples.n; i++)
        t->labels[i] = t->own->labels[t->order[i]];
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// Information that one in twenty measurements reaches with the labels shuffled counts as none: many channels
// that say nothing would otherwise outweigh the few that do.
static void drop_chance(telling *t, venn_mfh_estimate_side *side)
{
    qsort(t->by_chance, (size_t)t->nulls, sizeof *t->by_chance, by_size);
    const double least = t->by_chance[t->nulls - 1 - t->nulls / 20];
    for (int64_t c = 0; c < side->n; c++)
        if (side->information[c] <= least)
            side->information[c] = 0;
}

static venn_status measure_telling(telling *t, venn_mfh_estimate_side *side)
{
    const venn_samples channel = {t->column, t->own->samples.n, 1};
    for (int64_t k = 0; k < t->nulls; k++) {
        const int64_t c = k % side->n;
        const bool varies = take_column(&t->own->samples, c, 1, t->column);
        if (varies && k < side->n)
            VENN_TRY(venn_mi_ross(&channel, t->own->labels, t->neighbours, &side->information[c]));
        shuffle_labels(t, k);
        if (varies)
            VENN_TRY(venn_mi_ross(&channel, t->labels, t->neighbours, &t->by_chance[k]));
    }
    drop_chance(t, side);
    return VENN_OK;
}

static venn_status find_information(const venn_place_values *own, venn_mfh_estimate_side *side)
{
    const size_t n = (size_t)own->samples.n;
    telling t = {.own = own,
                 .neighbours = count_neighbours(own),
                 .nulls = (NULLS + side->n - 1) / side->n * side->n};
    t.column = venn_alloc(n, sizeof *t.column);
    t.order = venn_alloc(n, sizeof *t.order);
    t.labels = venn_alloc(n, sizeof *t.labels);
    t.by_chance = venn_alloc((size_t)t.nulls, sizeof *t.by_chance);
    const venn_status status =
        t.column && t.order && t.labels && t.by_chance ? measure_telling(&t, side) : VENN_NO_MEMORY;
    free(t.column);
    free(t.order);
    free(t.labels);
    free(t.by_chance);
    return status;
}

static venn_status measure_channels(const venn_place_values *own, const venn_place_values *other,
                                    venn_mfh_estimate_side *side)
{
    const size_t n = (size_t)own->samples.n;
    double *predicted = venn_alloc(n * (size_t)side->n, sizeof *predicted);
    columns work = {venn_alloc(n, sizeof(double)), venn_alloc(n, sizeof(double))};
    venn_status status = predicted && work.channel && work.prediction ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_cross_predict(&own->samples, &other->samples, FOLDS, predicted);
    const venn_samples all = {predicted, own->samples.n, side->n};
    for (int64_t c = 0; status == VENN_OK && c < side->n; c++)
        status = measure_channel(own, &all, c, &work, side);
    free(predicted);
    free(work.channel);
    free(work.prediction);
    return status;
}

// ---- One side --------------------------------------------------------------------------------

static venn_status start_side(venn_mfh_estimate_side *side, const venn_seer *of, const char *place)
{
    venn_shape at;
    side->place = venn_strdup(place ? place : venn_net_last_features(of->net));
    if (!side->place)
        return VENN_NO_MEMORY;
    VENN_TRY(venn_net_place(of->net, side->place, &at));
    if (at.rank < 1)
        return venn_fail(VENN_BAD_ARG, "place %s has no channels", side->place);
    side->n = at.dim[0];
    side->importance = venn_alloc((size_t)side->n, sizeof(double));
    side->information = venn_alloc((size_t)side->n, sizeof(double));
    side->gaussian = venn_alloc((size_t)side->n, sizeof(double));
    side->ksg = venn_alloc((size_t)side->n, sizeof(double));
    return side->importance && side->information && side->gaussian && side->ksg ? VENN_OK
                                                                                : VENN_NO_MEMORY;
}

// What the labels' cross-entropy rises by if the channel is shuffled.
static venn_status find_importance(venn_device *device, const venn_seer *of, const venn_seer *other,
                                   const venn_dataset *data, const venn_mfh_estimate_params *p,
                                   venn_mfh_estimate_side *side)
{
    venn_salience s;
    const venn_salience_params params = {
        .place = side->place, .permutations = p->permutations, .split = p->split, .seed = p->seed};
    VENN_TRY(venn_salience_measure(device, of, other, data, &params, &s));
    for (int64_t c = 0; c < side->n; c++)
        side->importance[c] = fmax(0, s.loss[c] - s.base_loss);
    venn_salience_finish(&s);
    return VENN_OK;
}

static double weighted(int64_t n, const double *weight, const double *share)
{
    double sum = 0, total = 0;
    for (int64_t c = 0; c < n; c++) {
        sum += weight[c] * share[c];
        total += weight[c];
    }
    return total > 0 ? sum / total : 0;
}

static void weigh(venn_mfh_estimate_side *side)
{
    const double *const weights[] = {side->importance, side->information};
    for (int e = 0; e < VENN_MFH_ESTIMATES; e++)
        side->shared[e] = weighted(side->n, weights[e / 2], e % 2 ? side->ksg : side->gaussian);
}

// ---- The diagram -----------------------------------------------------------------------------

venn_modality_diagram venn_diagram_of_shares(double a, double b)
{
    const double least = 0.01;
    a = fmin(1, fmax(least, a));
    b = fmin(1, fmax(least, b));
    const double only_a = (1 - a) * b, only_b = (1 - b) * a, sum = only_a + only_b + a * b;
    return (venn_modality_diagram){only_a / sum, only_b / sum, a * b / sum};
}

static venn_status check(const venn_dataset *data, venn_mfh_estimate_params *p)
{
    if (!p->split)
        p->split = data->split[VENN_TEST].n >= data->split[VENN_VALID].n ? VENN_TEST : VENN_VALID;
    const int64_t n = data->split[p->split].n;
    if (n < 4 * FOLDS)
        return venn_fail(VENN_BAD_ARG,
                         "a diagram is estimated from at least %d pairs, the %s split has %lld",
                         4 * FOLDS, venn_split_name(p->split), (long long)n);
    return VENN_OK;
}

static venn_status measure(venn_device *device, const venn_seer *a, const venn_seer *b,
                           const venn_dataset *data, const venn_mfh_estimate_params *p,
                           venn_place_values values[2], venn_mfh_estimate *out)
{
    VENN_TRY(start_side(&out->a, a, p->place_a));
    VENN_TRY(start_side(&out->b, b, p->place_b));
    VENN_TRY(
        venn_place_values_read(&values[0], device, a, out->a.place, data, p->split, MOST_ROWS));
    VENN_TRY(
        venn_place_values_read(&values[1], device, b, out->b.place, data, p->split, MOST_ROWS));
    VENN_TRY(find_importance(device, a, b, data, p, &out->a));
    VENN_TRY(find_importance(device, b, a, data, p, &out->b));
    VENN_TRY(find_information(&values[0], &out->a));
    VENN_TRY(find_information(&values[1], &out->b));
    VENN_TRY(measure_channels(&values[0], &values[1], &out->a));
    return measure_channels(&values[1], &values[0], &out->b);
}

venn_status venn_mfh_estimate_measure(venn_device *device, const venn_seer *a, const venn_seer *b,
                                      const venn_dataset *data,
                                      const venn_mfh_estimate_params *params,
                                      venn_mfh_estimate *out)
{
    venn_mfh_estimate_params p = params ? *params : (venn_mfh_estimate_params){0};
    venn_place_values values[2] = {{.values = NULL}};
    *out = (venn_mfh_estimate){0};
    venn_status status = check(data, &p);
    if (status == VENN_OK)
        status = measure(device, a, b, data, &p, values, out);
    venn_place_values_finish(&values[0]);
    venn_place_values_finish(&values[1]);
    if (status < 0) {
        venn_mfh_estimate_finish(out);
        return status;
    }
    out->rows = data->split[p.split].n < MOST_ROWS ? data->split[p.split].n : MOST_ROWS;
    weigh(&out->a);
    weigh(&out->b);
    for (int e = 0; e < VENN_MFH_ESTIMATES; e++)
        out->diagram[e] = venn_diagram_of_shares(out->a.shared[e], out->b.shared[e]);
    return VENN_OK;
}

static void finish_side(venn_mfh_estimate_side *side)
{
    free(side->modality);
    free(side->network);
    free(side->place);
    free(side->importance);
    free(side->information);
    free(side->gaussian);
    free(side->ksg);
}

void venn_mfh_estimate_finish(venn_mfh_estimate *estimate)
{
    free(estimate->name);
    free(estimate->data);
    finish_side(&estimate->a);
    finish_side(&estimate->b);
    *estimate = (venn_mfh_estimate){0};
}

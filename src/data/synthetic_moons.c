// moons: two interleaved half circles with noise, one class each; every coordinate is a modality of its
// own. Outer (cos t, sin t), inner (1 - cos t, 1/2 - sin t), t evenly on [0, pi], half of the points each,
// in random order; then the coordinates are standardised over all splits together.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { SEED, TRAIN, VALID, TEST, NOISE };
enum { STREAM_ORDER, STREAM_NOISE }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 300, 1, 1e6, "pairs to train on"},
    {"valid", 0, 0, 1e6, "pairs to choose the epoch by; 0: none"},
    {"test", 200, 1, 1e6, "pairs to test on"},
    {"noise", 0.1, 0, 100, "standard deviation of the noise on either coordinate"},
    {0}};

typedef struct points {
    int64_t n;
    float *x[2];
    int32_t *labels;
    uint32_t *order;
} points;

static bool allocate(points *p)
{
    for (int k = 0; k < 2; k++)
        p->x[k] = venn_alloc((size_t)p->n, sizeof(float));
    p->labels = venn_alloc((size_t)p->n, sizeof *p->labels);
    p->order = venn_alloc((size_t)p->n, sizeof *p->order);
    return p->x[0] && p->x[1] && p->labels && p->order;
}

static void release(points *p)
{
    free(p->x[0]);
    free(p->x[1]);
    free(p->labels);
    free(p->order);
}

static void draw(points *p, uint64_t seed, double noise)
{
    const double pi = acos(-1.0);
    const int64_t outer = p->n / 2, inner = p->n - outer;
    venn_rng order = venn_rng_make(seed, 0, STREAM_ORDER);
    venn_rng rng = venn_rng_make(seed, 0, STREAM_NOISE);
    venn_rng_permutation(&order, p->order, (uint32_t)p->n);
    for (int64_t i = 0; i < p->n; i++) {
        const int64_t k = p->order[i], of = k < outer ? outer : inner;
        const int64_t place = k < outer ? k : k - outer;
        const double t = of > 1 ? pi * (double)place / (double)(of - 1) : 0;
        const double x = k < outer ? cos(t) : 1 - cos(t), y = k < outer ? sin(t) : 0.5 - sin(t);
        p->labels[i] = k >= outer;
        p->x[0][i] = (float)(x + noise * (double)venn_rng_normal(&rng));
        p->x[1][i] = (float)(y + noise * (double)venn_rng_normal(&rng));
    }
}

static void standardise(float *x, int64_t n)
{
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (double)x[i];
    const double mean = sum / (double)n;
    for (int64_t i = 0; i < n; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double std = sqrt(squares / (double)n);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)(((double)x[i] - mean) / (std > 0 ? std : 1));
}

static venn_status set_splits(venn_dataset *dataset, const double *values, const points *p)
{
    int64_t first = 0;
    for (int s = 0; s < VENN_SPLITS; s++) {
        const int64_t n = (int64_t)values[TRAIN + s];
        if (n)
            VENN_TRY(
                venn_dataset_set_split(dataset, (venn_split_id)s, n, p->labels + first,
                                       (const float *const[]){p->x[0] + first, p->x[1] + first}));
        first += n;
    }
    return VENN_OK;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"a", "b"};
    const venn_shape shapes[] = {venn_shape_make((int64_t[]){1}, 1),
                                 venn_shape_make((int64_t[]){1}, 1)};
    points p = {.n = (int64_t)(values[TRAIN] + values[VALID] + values[TEST])};
    venn_dataset *dataset = NULL;
    if (values[SEED] != floor(values[SEED]))
        return venn_fail(VENN_BAD_ARG, "%s: seed is a whole number", name);
    VENN_TRY(venn_dataset_create(&dataset, name, 2, NULL, 2, names, shapes));
    venn_status status = allocate(&p) ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        draw(&p, (uint64_t)values[SEED], values[NOISE]);
        standardise(p.x[0], p.n);
        standardise(p.x[1], p.n);
        status = set_splits(dataset, values, &p);
    }
    release(&p);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_moons = {
    .name = "moons",
    .summary = "two interleaved half circles, each coordinate a modality",
    .params = params,
    .make = make,
};

// cml: three modalities of a hidden vector, for contrastive learning of one pair of modalities after the other.
// z ~ N(0, 1) in 8 coordinates, of which a task leaves three as they are and sets the others to 0; modality m is
// A_m z + noise N(0, 1), brought to length sqrt(6), with A_m [32, 8] ~ N(0, 1) drawn once. The class is the
// task: 0 has coordinates 0 to 2, 1 has 3 to 5, 2 has 5 to 7, 3 has 2 to 4.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { WIDTH = 32, HIDDEN = 8, ACTIVE = 3, MODALITIES = 3, TASKS = 4 };
enum { SEED, TRAIN, VALID, TEST, NOISE };
enum { STREAM_MAPS, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 400, 1, 1e6, "pairs of each task to train on"},
    {"valid", 0, 0, 1e6, "pairs of each task to choose the epoch by; 0: none"},
    {"test", 200, 1, 1e6, "pairs of each task to test on"},
    {"noise", 0.09, 0, 100, "standard deviation of the noise in each of the 32 numbers"},
    {0}};

typedef struct maps {
    double a[MODALITIES][WIDTH][HIDDEN];
} maps;

static void draw_maps(maps *m, uint64_t seed)
{
    venn_rng rng = venn_rng_make(seed, 0, STREAM_MAPS);
    for (int k = 0; k < MODALITIES; k++)
        for (int i = 0; i < WIDTH; i++)
            for (int j = 0; j < HIDDEN; j++)
                m->a[k][i][j] = (double)venn_rng_normal(&rng);
}

static void show(const maps *m, int modality, const double *z, double noise, venn_rng *rng,
                 float *out)
{
    double x[WIDTH], squares = 0;
    for (int i = 0; i < WIDTH; i++) {
        x[i] = noise * (double)venn_rng_normal(rng);
        for (int j = 0; j < HIDDEN; j++)
            x[i] += m->a[modality][i][j] * z[j];
        squares += x[i] * x[i];
    }
    const double scale = squares > 0 ? sqrt(6 / squares) : 0;
    for (int i = 0; i < WIDTH; i++)
        out[i] = (float)(scale * x[i]);
}

static void fill(const maps *m, int64_t each, double noise, venn_rng *rng, float *const *x,
                 int32_t *labels)
{
    static const int first[TASKS] = {0, 3, 5, 2};
    for (int64_t i = 0; i < TASKS * each; i++) {
        double z[HIDDEN] = {0};
        labels[i] = (int32_t)(i / each);
        for (int j = 0; j < ACTIVE; j++)
            z[first[labels[i]] + j] = (double)venn_rng_normal(rng);
        for (int k = 0; k < MODALITIES; k++)
            show(m, k, z, noise, rng, x[k] + i * WIDTH);
    }
}

static venn_status add_split(venn_dataset *dataset, const maps *m, venn_split_id id,
                             const double *values)
{
    const int64_t each = (int64_t)values[TRAIN + (int)id], n = TASKS * each;
    if (n == 0)
        return VENN_OK;
    float *all = venn_alloc((size_t)n * MODALITIES * WIDTH, sizeof *all);
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = VENN_NO_MEMORY;
    if (all && labels) {
        venn_rng rng = venn_rng_make((uint64_t)values[SEED], 0, STREAM_SPLITS + (uint32_t)id);
        float *x[] = {all, all + n * WIDTH, all + 2 * n * WIDTH};
        fill(m, each, values[NOISE], &rng, x, labels);
        status = venn_dataset_set_split(dataset, id, n, labels,
                                        (const float *const[]){x[0], x[1], x[2]});
    }
    free(all);
    free(labels);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"v", "t", "a"};
    const venn_shape vector = VENN_SHAPE(WIDTH), shapes[] = {vector, vector, vector};
    venn_dataset *dataset = NULL;
    maps m;
    if (values[SEED] != floor(values[SEED]))
        return venn_fail(VENN_BAD_ARG, "%s: seed is a whole number", name);
    VENN_TRY(venn_dataset_create(&dataset, name, TASKS, NULL, MODALITIES, names, shapes));
    draw_maps(&m, (uint64_t)values[SEED]);
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++)
        status = add_split(dataset, &m, (venn_split_id)s, values);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_cml = {
    .name = "cml",
    .summary = "three modalities of a hidden vector, in four tasks that show parts of it",
    .params = params,
    .make = make,
};

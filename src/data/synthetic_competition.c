// competition: the sparse codes of Modality Competition. Modality r of a pair of class y is x = M_r z + noise,
// with M_r of orthonormal columns, one per class. z_y is drawn from U(1, 1.2), or is 0.02 where the pair is
// insufficient in that modality, which happens by chance in each by itself; every other entry is nonzero
// with probability 2 / classes, from U(0, 0.1).
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { SEED, TRAIN, VALID, TEST, CLASSES, WIDTH, NOISE, FIRST_LACKS, SECOND_LACKS };
enum { MODALITIES = 2, MOST_CLASSES = 64 };
enum { STREAM_COLUMNS, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 600, 1, 1e6, "pairs to train on"},
    {"valid", 0, 0, 1e6, "pairs to choose the epoch by; 0: none"},
    {"test", 3000, 1, 1e6, "pairs to test on"},
    {"classes", 10, 2, MOST_CLASSES, "and columns of M"},
    {"width", 40, 2, 4096, "of either modality, at least as many as classes"},
    {"noise", 0.01, 0, 100, "standard deviation of the noise on every value"},
    {"first_lacks", 0.15, 0, 1, "share of pairs whose class the first modality hardly shows"},
    {"second_lacks", 0.25, 0, 1, "of the second"},
    {0}};

// Gaussian columns made orthonormal one after the other: columns [classes, width].
static void draw_columns(float *columns, int classes, int width, uint64_t seed, uint32_t which)
{
    venn_rng rng = venn_rng_make(seed, which, STREAM_COLUMNS);
    for (int k = 0; k < classes; k++) {
        float *column = columns + k * width;
        for (int i = 0; i < width; i++)
            column[i] = venn_rng_normal(&rng);
        for (int j = 0; j <= k; j++) { // last, j = k: its own length
            const float *other = columns + j * width;
            double along = 0;
            for (int i = 0; i < width; i++)
                along += (double)column[i] * (double)other[i];
            for (int i = 0; i < width; i++)
                column[i] = (float)(j < k ? (double)column[i] - along * (double)other[i]
                                          : (double)column[i] / sqrt(along));
        }
    }
}

static void draw_item(const double *v, const float *columns, int32_t label, double lacks,
                      venn_rng *rng, float *x)
{
    const int classes = (int)v[CLASSES], width = (int)v[WIDTH];
    float z[MOST_CLASSES];
    for (int k = 0; k < classes; k++) {
        const bool there =
            venn_rng_bernoulli(rng, k == label ? 1 - (float)lacks : 2 / (float)classes);
        const float size = venn_rng_uniform(rng, 0, 1);
        if (k == label)
            z[k] = there ? 1 + 0.2f * size : 0.02f;
        else
            z[k] = there ? 0.1f * size : 0;
    }
    for (int i = 0; i < width; i++) {
        double sum = v[NOISE] * (double)venn_rng_normal(rng);
        for (int k = 0; k < classes; k++)
            sum += (double)z[k] * (double)columns[k * width + i];
        x[i] = (float)sum;
    }
}

static venn_status make_split(venn_dataset *dataset, const double *v, float *const *columns, int s)
{
    const int64_t n = (int64_t)v[TRAIN + s], width = (int64_t)v[WIDTH];
    float *x[MODALITIES];
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_rng rng = venn_rng_make((uint64_t)v[SEED], 0, STREAM_SPLITS + (uint32_t)s);
    bool got = labels;
    for (int m = 0; m < MODALITIES; m++)
        got = (x[m] = venn_alloc((size_t)(n * width), sizeof(float))) && got;
    for (int64_t i = 0; got && i < n; i++) {
        labels[i] = (int32_t)venn_rng_below(&rng, (uint32_t)v[CLASSES]);
        for (int m = 0; m < MODALITIES; m++)
            draw_item(v, columns[m], labels[i], v[FIRST_LACKS + m], &rng, x[m] + i * width);
    }
    venn_status status = got ? venn_dataset_set_split(dataset, (venn_split_id)s, n, labels,
                                                      (const float *const[]){x[0], x[1]})
                             : VENN_NO_MEMORY;
    free(labels);
    for (int m = 0; m < MODALITIES; m++)
        free(x[m]);
    return status;
}

static venn_status fill(venn_dataset *dataset, const double *v)
{
    const size_t classes = (size_t)v[CLASSES], width = (size_t)v[WIDTH];
    float *columns[MODALITIES] = {venn_alloc(classes * width, sizeof(float)),
                                  venn_alloc(classes * width, sizeof(float))};
    venn_status status = columns[0] && columns[1] ? VENN_OK : VENN_NO_MEMORY;
    for (int m = 0; status == VENN_OK && m < MODALITIES; m++)
        draw_columns(columns[m], (int)classes, (int)width, (uint64_t)v[SEED], (uint32_t)m);
    for (int s = 0; status == VENN_OK && s < VENN_SPLITS; s++)
        if (v[TRAIN + s] > 0)
            status = make_split(dataset, v, columns, s);
    free(columns[0]);
    free(columns[1]);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"first", "second"};
    for (int i = SEED; i <= WIDTH; i++)
        if (values[i] != floor(values[i]))
            return venn_fail(VENN_BAD_ARG, "%s: %s is a whole number", name, params[i].key);
    if (values[WIDTH] < values[CLASSES])
        return venn_fail(VENN_BAD_ARG, "%s: width must be at least the number of classes, %g", name,
                         values[CLASSES]);
    const int64_t width = (int64_t)values[WIDTH];
    const venn_shape shapes[] = {venn_shape_make(&width, 1), venn_shape_make(&width, 1)};
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, (int32_t)values[CLASSES], NULL, MODALITIES, names,
                                 shapes));
    venn_status status = fill(dataset, values);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_competition = {
    .name = "competition",
    .summary = "sparse codes, of which each modality lacks some pairs' class",
    .params = params,
    .make = make,
};

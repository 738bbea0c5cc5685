// avd: an image and a sound picture of hidden numbers, of which both see some. 16 decisive latents
// z ~ N(0, 1); label = argmax of z W over four classes, W ~ N(0, 1). The image sees z 1 to 8, the sound
// the eight that end `shared` before them, so gamma = shared / (16 - shared). Each modality has 16 latents
// of its own that mean nothing. With `complete` both see all of z. A picture is the sum of what it sees and of
// its own, times Gabor patches of unit norm, plus pixel noise.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { DECISIVE = 16, SEEN = 8, PRIVATE = 16, CLASSES = 4, MOST_PATCHES = DECISIVE + PRIVATE };
enum { SHARED, SEED, TRAIN, VALID, TEST, IMAGE_NOISE, SOUND_NOISE, COMPLETE };
enum { STREAM_WEIGHTS, STREAM_PATCHES, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"shared", 4, 0, 8,
     "decisive latents that both modalities see; gamma = shared / (16 - shared)"},
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 400, 1, 1e6, "pairs to train on"},
    {"valid", 0, 0, 1e6, "pairs to choose the epoch by; 0: none"},
    {"test", 4000, 1, 1e6, "pairs to test on"},
    {"image_noise", 0.1, 0, 100, "standard deviation of the image's pixel noise"},
    {"sound_noise", 0.1, 0, 100, "of the sound picture's"},
    {"complete", 0, 0, 1, "1: both see all 16 decisive latents, whatever `shared` is"},
    {0}};

typedef struct modality {
    int height, width, first, seen; // decisive latents first to first + seen - 1
    double noise;
    float *patches; // [seen + PRIVATE, height, width]
} modality;

static double between(venn_rng *rng, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(rng, 0, 1);
}

static void draw_patch(const modality *m, venn_rng *rng, float *patch)
{
    const double pi = acos(-1.0), y0 = between(rng, 0, m->height - 1);
    const double x0 = between(rng, 0, m->width - 1), sigma = between(rng, 1, 1.8);
    const double angle = between(rng, 0, pi), frequency = between(rng, 0.15, 0.35);
    double norm = 0;
    for (int i = 0; i < m->height * m->width; i++) {
        const double y = i / m->width - y0, x = i % m->width - x0;
        const double along = x * cos(angle) + y * sin(angle);
        const double value =
            exp(-(x * x + y * y) / (2 * sigma * sigma)) * cos(2 * pi * frequency * along);
        patch[i] = (float)value;
        norm += value * value;
    }
    for (int i = 0; i < m->height * m->width; i++)
        patch[i] = (float)(patch[i] / sqrt(norm));
}

static venn_status draw_patches(modality *m, uint64_t seed, uint32_t which)
{
    const size_t pixels = (size_t)(m->height * m->width);
    venn_rng rng = venn_rng_make(seed, which, STREAM_PATCHES);
    const size_t n = (size_t)m->seen + PRIVATE;
    m->patches = venn_alloc(n * pixels, sizeof *m->patches);
    for (size_t k = 0; m->patches && k < n; k++)
        draw_patch(m, &rng, m->patches + k * pixels);
    return m->patches ? VENN_OK : VENN_NO_MEMORY;
}

// One item: its latents, first the decisive ones of all, then noise that is drawn alike whatever is shared.
static void render(const modality *m, const float *z, venn_rng *rng, float *x)
{
    const int pixels = m->height * m->width;
    const int n = m->seen + PRIVATE;
    float latent[MOST_PATCHES];
    for (int k = 0; k < n; k++)
        latent[k] = k < m->seen ? z[m->first + k] : venn_rng_normal(rng);
    for (int i = 0; i < pixels; i++) {
        double sum = m->noise * (double)venn_rng_normal(rng);
        for (int k = 0; k < n; k++)
            sum += (double)latent[k] * (double)m->patches[k * pixels + i];
        x[i] = (float)sum;
    }
}

static int32_t label_of(const float *z, const float *w)
{
    int32_t best = 0;
    double top = -INFINITY;
    for (int c = 0; c < CLASSES; c++) {
        double sum = 0;
        for (int k = 0; k < DECISIVE; k++)
            sum += (double)z[k] * (double)w[k * CLASSES + c];
        if (sum > top) {
            top = sum;
            best = c;
        }
    }
    return best;
}

static venn_status make_split(venn_dataset *dataset, venn_split_id id, int64_t n, uint64_t seed,
                              const modality *m)
{
    const uint32_t stream = STREAM_SPLITS + 4 * (uint32_t)id;
    venn_rng hidden = venn_rng_make(seed, 0, stream),
             weights = venn_rng_make(seed, 0, STREAM_WEIGHTS);
    venn_rng noise[] = {venn_rng_make(seed, 0, stream + 1), venn_rng_make(seed, 0, stream + 2)};
    float w[DECISIVE * CLASSES], z[DECISIVE];
    const int64_t pixels[] = {m[0].height * m[0].width, m[1].height * m[1].width};
    float *x[] = {venn_alloc((size_t)(n * pixels[0]), sizeof(float)),
                  venn_alloc((size_t)(n * pixels[1]), sizeof(float))};
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = x[0] && x[1] && labels ? VENN_OK : VENN_NO_MEMORY;
    for (int i = 0; i < DECISIVE * CLASSES; i++)
        w[i] = venn_rng_normal(&weights);
    for (int64_t i = 0; status == VENN_OK && i < n; i++) {
        for (int k = 0; k < DECISIVE; k++)
            z[k] = venn_rng_normal(&hidden);
        labels[i] = label_of(z, w);
        for (int side = 0; side < 2; side++)
            render(&m[side], z, &noise[side], x[side] + i * pixels[side]);
    }
    if (status == VENN_OK)
        status = venn_dataset_set_split(dataset, id, n, labels, (const float *const *)x);
    free(x[0]);
    free(x[1]);
    free(labels);
    return status;
}

static venn_status make_splits(venn_dataset *dataset, const double *values, const modality *m)
{
    const int64_t n[VENN_SPLITS] = {
        [VENN_TRAIN] = (int64_t)values[TRAIN],
        [VENN_VALID] = (int64_t)values[VALID],
        [VENN_TEST] = (int64_t)values[TEST],
    };
    for (int s = 0; s < VENN_SPLITS; s++)
        if (n[s])
            VENN_TRY(make_split(dataset, (venn_split_id)s, n[s], (uint64_t)values[SEED], m));
    return VENN_OK;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"image", "sound"};
    const int shared = (int)values[SHARED];
    const bool complete = values[COMPLETE] != 0;
    const int seen = complete ? DECISIVE : SEEN;
    modality m[] = {{12, 12, 0, seen, values[IMAGE_NOISE], NULL},
                    {8, 16, complete ? 0 : SEEN - shared, seen, values[SOUND_NOISE], NULL}};
    const venn_shape shapes[] = {venn_shape_make((int64_t[]){1, 12, 12}, 3),
                                 venn_shape_make((int64_t[]){1, 8, 16}, 3)};
    if (values[SHARED] != shared || values[SEED] != floor(values[SEED]) ||
        values[COMPLETE] != floor(values[COMPLETE]))
        return venn_fail(VENN_BAD_ARG, "%s: shared, seed and complete are whole numbers", name);
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, CLASSES, NULL, 2, names, shapes));
    venn_status status = draw_patches(&m[0], (uint64_t)values[SEED], 0);
    if (status == VENN_OK)
        status = draw_patches(&m[1], (uint64_t)values[SEED], 1);
    if (status == VENN_OK)
        status = make_splits(dataset, values, m);
    free(m[0].patches);
    free(m[1].patches);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_avd = {
    .name = "avd",
    .summary = "image and sound picture of hidden numbers, with a known share in common",
    .params = params,
    .make = make,
};

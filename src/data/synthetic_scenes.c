// scenes: pictures of several objects with their depth, and the class of every pixel. An object has one of two
// textures, which the colours show, and bulges or is hollow, which the depth shows: four classes beside the wall, of
// which each modality can tell two pairs apart. Discs and boxes occlude each other.
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/rgbd_object.h"
#include "data/synthetic.h"

enum { SEED, SIZE, TRAIN, VALID, TEST, OBJECTS, NOISE };
enum { TEXTURES = 2, CLASSES = 1 + 2 * TEXTURES };
enum { STREAM_TEXTURES, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"size", 32, 16, 512, "height and width of the pictures"},
    {"train", 200, 1, 1e5, "pictures to train on"},
    {"valid", 0, 0, 1e5, "pictures to choose the epoch by; 0: none"},
    {"test", 100, 1, 1e5, "pictures to test on"},
    {"objects", 3, 1, 16, "in each picture"},
    {"noise", 0.05, 0, 10, "standard deviation of the noise in every number"},
    {0}};

typedef struct maker {
    const double *values;
    int size;
    rgbd_texture textures[TEXTURES];
    venn_rng rng;
} maker;

static double between(maker *m, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(&m->rng, 0, 1);
}

// Returns the class of the object in front.
static int32_t make_item(maker *m, rgbd_picture *p, float *labels)
{
    int32_t label = 0;
    venn_rgbd_clear(p);
    for (int i = 0; i < (int)m->values[OBJECTS]; i++) {
        label = 1 + (int32_t)venn_rng_below(&m->rng, CLASSES - 1);
        const rgbd_object object = {.box = venn_rng_bernoulli(&m->rng, 0.5f),
                                    .hollow = (label - 1) / TEXTURES,
                                    .texture = &m->textures[(label - 1) % TEXTURES],
                                    .x = m->size * between(m, 0.15, 0.85),
                                    .y = m->size * between(m, 0.15, 0.85),
                                    .radius = m->size * between(m, 0.15, 0.25)};
        venn_rgbd_draw(p, &object, (float)label, labels);
    }
    venn_rgbd_add_noise(p, m->values[NOISE], m->values[NOISE], &m->rng);
    return label;
}

static venn_status add_split(venn_dataset *dataset, maker *m, venn_split_id id)
{
    const int64_t n = (int64_t)m->values[TRAIN + (int)id], pixels = (int64_t)m->size * m->size;
    if (n == 0)
        return VENN_OK;
    float *all = venn_alloc((size_t)(n * pixels), 5 * sizeof *all);
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = VENN_NO_MEMORY;
    if (all && labels) {
        float *x[] = {all, all + 3 * n * pixels, all + 4 * n * pixels};
        m->rng = venn_rng_make((uint64_t)m->values[SEED], 0, STREAM_SPLITS + (uint32_t)id);
        for (int64_t i = 0; i < n; i++) {
            rgbd_picture p = {m->size, m->size, x[0] + 3 * i * pixels, x[1] + i * pixels};
            labels[i] = make_item(m, &p, x[2] + i * pixels);
        }
        status = venn_dataset_set_split(dataset, id, n, labels,
                                        (const float *const[]){x[0], x[1], x[2]});
    }
    free(all);
    free(labels);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"rgb", "depth", "label"};
    const int size = (int)values[SIZE];
    const venn_shape shapes[] = {VENN_SHAPE(3, size, size), VENN_SHAPE(1, size, size),
                                 VENN_SHAPE(1, size, size)};
    venn_dataset *dataset = NULL;
    maker m = {.values = values, .size = size};
    if (values[SEED] != floor(values[SEED]) || values[SIZE] != size)
        return venn_fail(VENN_BAD_ARG, "%s: seed and size are whole numbers", name);
    VENN_TRY(venn_dataset_create(&dataset, name, CLASSES, NULL, 3, names, shapes));
    m.rng = venn_rng_make((uint64_t)values[SEED], 0, STREAM_TEXTURES);
    for (int t = 0; t < TEXTURES; t++)
        venn_rgbd_draw_texture(&m.textures[t], &m.rng);
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++)
        status = add_split(dataset, &m, (venn_split_id)s);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_scenes = {
    .name = "scenes",
    .summary = "several objects with their depth, and the class of every pixel",
    .params = params,
    .make = make,
};

// scenes: pictures of several objects with their depth, and the class of every pixel. An object has one of two
// textures, which the colours show, and bulges or is hollow, which the depth shows: four classes beside the wall, of
// which each modality can tell two pairs apart. Discs and boxes occlude each other.
#include <math.h>

#include "base/status.h"
#include "data/rgbd_pictures.h"
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
    venn_rng *rng;
} maker;

static double between(maker *m, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(m->rng, 0, 1);
}

// Returns the class of the object in front.
static int32_t make_item(maker *m, rgbd_picture *p, float *labels)
{
    int32_t label = 0;
    venn_rgbd_clear(p);
    for (int i = 0; i < (int)m->values[OBJECTS]; i++) {
        label = 1 + (int32_t)venn_rng_below(m->rng, CLASSES - 1);
        const rgbd_object object = {.box = venn_rng_bernoulli(m->rng, 0.5f),
                                    .hollow = (label - 1) / TEXTURES,
                                    .texture = &m->textures[(label - 1) % TEXTURES],
                                    .x = m->size * between(m, 0.15, 0.85),
                                    .y = m->size * between(m, 0.15, 0.85),
                                    .radius = m->size * between(m, 0.15, 0.25)};
        venn_rgbd_draw(p, &object, (float)label, labels);
    }
    venn_rgbd_add_noise(p, m->values[NOISE], m->values[NOISE], m->rng);
    return label;
}

static int32_t draw(void *user, venn_rng *rng, venn_split_id split, int64_t i, rgbd_picture *p,
                    float *map)
{
    maker *m = user;
    m->rng = rng;
    (void)split, (void)i;
    return make_item(m, p, map);
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    maker m = {.values = values, .size = (int)values[SIZE]};
    if (values[SEED] != floor(values[SEED]) || values[SIZE] != m.size)
        return venn_fail(VENN_BAD_ARG, "%s: seed and size are whole numbers", name);
    venn_rng rng = venn_rng_make((uint64_t)values[SEED], 0, STREAM_TEXTURES);
    for (int t = 0; t < TEXTURES; t++)
        venn_rgbd_draw_texture(&m.textures[t], &rng);
    const rgbd_pictures pictures = {.map = "label",
                                    .classes = CLASSES,
                                    .size = m.size,
                                    .n = {[VENN_TRAIN] = (int64_t)values[TRAIN],
                                          [VENN_VALID] = (int64_t)values[VALID],
                                          [VENN_TEST] = (int64_t)values[TEST]},
                                    .seed = (uint64_t)values[SEED],
                                    .stream = STREAM_SPLITS,
                                    .user = &m,
                                    .draw = draw};
    return venn_rgbd_pictures_make(out, name, &pictures);
}

const venn_generator venn_generator_scenes = {
    .name = "scenes",
    .summary = "several objects with their depth, and the class of every pixel",
    .params = params,
    .make = make,
};

// defects: pictures of objects with their depth, of which those to train on are whole. An object has a mark printed
// on it and a mark stamped into it, each a bar or a ring: four classes, of which the colours tell the one mark and
// the depth the other; it is a disc where both are of a kind, else a rounded box. Of the test pictures a quarter
// is whole, a quarter has a stain that only the colours show, a quarter a dent or bump that only the depth shows, a
// quarter both at one place. "mask" has the number of the defect where it is: 1 stain, 2 dent, 3 both.
#include <math.h>

#include "base/status.h"
#include "data/rgbd_pictures.h"
#include "data/synthetic.h"

enum { SEED, SIZE, TRAIN, VALID, TEST, NOISE, STAIN, DENT, JITTER };
enum { MARKS = 2, CLASSES = MARKS * MARKS, WHOLE = 0, STAINED = 1, DENTED = 2, KINDS = 4 };
enum { STREAM_TEXTURE, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"size", 64, 16, 512, "height and width of the pictures"},
    {"train", 200, 1, 1e5, "whole objects to train on"},
    {"valid", 50, 0, 1e5, "whole objects to measure normal pictures by; 0: none"},
    {"test", 40, 1, 1e5, "objects to test on, of each of the four kinds"},
    {"noise", 0.02, 0, 10, "standard deviation of the noise in every number"},
    {"stain", 0.3, 0, 10, "how much a stain changes each colour"},
    {"dent", 0.15, 0, 10, "how deep a dent, how high a bump is"},
    {"jitter", 1, 0, 16,
     "how far objects are off the middle, of 64 pixels, half as far their radius off 20"},
    {0}};

typedef struct maker {
    const double *values;
    int size;
    rgbd_texture texture;
    venn_rng *rng;
} maker;

static double between(maker *m, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(m->rng, 0, 1);
}

static double either_sign(maker *m)
{
    return venn_rng_bernoulli(m->rng, 0.5f) ? 1 : -1;
}

// How much of a mark is at a place of the object: an upright bar, or a ring.
static double mark_at(int mark, double u, double v)
{
    const double away = mark ? hypot(u, v) - 0.5 : hypot(u, fmax(fabs(v) - 0.5, 0));
    return exp(-away * away / (2 * 0.1 * 0.1));
}

static void add_marks(rgbd_picture *p, const rgbd_object *o, int printed, int stamped)
{
    const int pixels = p->height * p->width;
    for (int i = 0; i < pixels; i++) {
        const double x = i % p->width, y = i / p->width;
        const double u = (x - o->x) / o->radius, v = (y - o->y) / o->radius;
        if (venn_rgbd_distance(o, x, y) >= 1)
            continue;
        p->rgb[i] += (float)(0.25 * mark_at(printed, u, v));
        p->rgb[2 * pixels + i] -= (float)(0.25 * mark_at(printed, u, v));
        p->depth[i] -= (float)(0.1 * mark_at(stamped, u, v));
    }
}

// A bump of Gaussian shape inside the object: height[c] is added to the colours and to the depth (c = 3).
static void add_defect(maker *m, rgbd_picture *p, const rgbd_object *o, int kind, float *mask)
{
    const int pixels = p->height * p->width;
    const double angle = between(m, 0, 2 * acos(-1.0)), away = o->radius * between(m, 0, 0.6);
    const double x = o->x + away * cos(angle), y = o->y + away * sin(angle);
    const double sigma = o->radius * between(m, 0.15, 0.25);
    double height[4];
    for (int c = 0; c < 4; c++)
        height[c] = either_sign(m) * m->values[c < 3 ? STAIN : DENT];
    for (int i = 0; i < pixels; i++) {
        const double dx = i % p->width - x, dy = i / p->width - y;
        const double bump = exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
        for (int c = 0; c < 3 && kind & STAINED; c++)
            p->rgb[c * pixels + i] += (float)(height[c] * bump);
        if (kind & DENTED)
            p->depth[i] += (float)(height[3] * bump);
        if (bump > 0.3)
            mask[i] = (float)kind;
    }
}

static int32_t make_item(maker *m, int kind, rgbd_picture *p, float *mask)
{
    const int32_t label = (int32_t)venn_rng_below(m->rng, CLASSES);
    const double middle = (m->size - 1) / 2.0, unit = m->size / 64.0, jitter = m->values[JITTER];
    const rgbd_object object = {.box = label / MARKS != label % MARKS,
                                .texture = &m->texture,
                                .x = middle + unit * between(m, -jitter, jitter),
                                .y = middle + unit * between(m, -jitter, jitter),
                                .radius = unit * (20 + between(m, -jitter, jitter) / 2)};
    venn_rgbd_clear(p);
    venn_rgbd_draw(p, &object, 0, NULL);
    add_marks(p, &object, label / MARKS, label % MARKS);
    if (kind != WHOLE)
        add_defect(m, p, &object, kind, mask);
    venn_rgbd_add_noise(p, m->values[NOISE], m->values[NOISE], m->rng);
    return label;
}

static int32_t draw(void *user, venn_rng *rng, venn_split_id split, int64_t i, rgbd_picture *p,
                    float *map)
{
    maker *m = user;
    m->rng = rng;
    // The test split has as many of each kind, one kind after the other; all else is whole.
    const int kind = split == VENN_TEST ? (int)(i / (int64_t)m->values[TEST]) : WHOLE;
    return make_item(m, kind, p, map);
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    maker m = {.values = values, .size = (int)values[SIZE]};
    if (values[SEED] != floor(values[SEED]) || values[SIZE] != m.size)
        return venn_fail(VENN_BAD_ARG, "%s: seed and size are whole numbers", name);
    venn_rng rng = venn_rng_make((uint64_t)values[SEED], 0, STREAM_TEXTURE);
    venn_rgbd_draw_texture(&m.texture, &rng);
    const rgbd_pictures pictures = {.map = "mask",
                                    .classes = CLASSES,
                                    .size = m.size,
                                    .n = {[VENN_TRAIN] = (int64_t)values[TRAIN],
                                          [VENN_VALID] = (int64_t)values[VALID],
                                          [VENN_TEST] = KINDS * (int64_t)values[TEST]},
                                    .seed = (uint64_t)values[SEED],
                                    .stream = STREAM_SPLITS,
                                    .user = &m,
                                    .draw = draw};
    return venn_rgbd_pictures_make(out, name, &pictures);
}

const venn_generator venn_generator_defects = {
    .name = "defects",
    .summary = "objects with their depth; some to test on have a stain, a dent or both",
    .params = params,
    .make = make,
};

// organs: slices through people who are not the same, seen in two ways, for segmentation. Two ellipses that touch, of
// classes 1 and 2, at any place and angle, among others of the same brightness that are nothing (class 0). The
// first look is the brightness itself (ground 0.3, class 1 0.6, class 2 0.8) on a smooth texture; the second another
// person's, turned over: (1 - x)^0.6 times a smooth field of 1 +- `bias`. Both with noise. Two modalities "first" and
// "second", [1, 32, 32], and the class of each place, "first-mask" and "second-mask", [32, 32], their targets.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { SIDE = 32, PIXELS = SIDE * SIDE, CLASSES = 3, LOOKS = 2, OTHERS = 3, WAVES = 3 };
enum { SEED, TRAIN, VALID, TEST, NOISE, BIAS };
enum { STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 160, 1, 1e6, "slices of each look to train on"},
    {"valid", 0, 0, 1e6, "slices of each look to choose the epoch by; 0: none"},
    {"test", 80, 1, 1e6, "slices of each look to test on"},
    {"noise", 0.1, 0, 100, "standard deviation of the noise"},
    {"bias", 0.3, 0, 0.99, "how uneven the second look is"},
    {0}};

typedef struct ellipse {
    double x, y, a, b, angle;
} ellipse;

static double between(venn_rng *rng, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(rng, 0, 1);
}

static bool covers(const ellipse *e, int i, int j)
{
    const double x = j - e->x, y = i - e->y;
    const double along = x * cos(e->angle) + y * sin(e->angle);
    const double across = y * cos(e->angle) - x * sin(e->angle);
    return pow(along / e->a, 2) + pow(across / e->b, 2) <= 1;
}

// Places of classes 1 and 2, end to end.
static void draw_organs(ellipse organ[2], venn_rng *rng)
{
    const double x = between(rng, 11, 21), y = between(rng, 11, 21);
    const double angle = between(rng, 0, 2 * acos(-1.0));
    for (int k = 0; k < 2; k++) {
        const double a = between(rng, 3.5, 5.5), sign = k ? -1 : 1;
        organ[k] = (ellipse){x + sign * a * cos(angle), y + sign * a * sin(angle), a,
                             between(rng, 2.5, 4), angle};
    }
}

// Brightness and classes of one person.
static void draw_person(venn_rng *rng, float *x, float *mask)
{
    const double pi = acos(-1.0);
    ellipse organ[2], other[OTHERS];
    double wave[WAVES][3], bright[OTHERS];
    draw_organs(organ, rng);
    for (int k = 0; k < OTHERS; k++) {
        other[k] = (ellipse){between(rng, 0, SIDE), between(rng, 0, SIDE), between(rng, 1.5, 3),
                             between(rng, 1.5, 3), between(rng, 0, pi)};
        bright[k] = between(rng, 0.55, 0.85);
    }
    for (int k = 0; k < WAVES; k++)
        for (int i = 0; i < 3; i++)
            wave[k][i] = i < 2 ? between(rng, -0.4, 0.4) : between(rng, 0, 2 * pi);
    for (int i = 0; i < SIDE; i++)
        for (int j = 0; j < SIDE; j++) {
            double value = 0.3;
            for (int k = 0; k < WAVES; k++)
                value += 0.04 * cos(wave[k][0] * i + wave[k][1] * j + wave[k][2]);
            for (int k = 0; k < OTHERS; k++)
                value = covers(&other[k], i, j) ? bright[k] : value;
            const int class = covers(&organ[0], i, j) ? 1 : covers(&organ[1], i, j) ? 2 : 0;
            mask[i * SIDE + j] = (float)class;
            x[i * SIDE + j] = (float)(class == 1 ? 0.6 : class == 2 ? 0.8 : value);
        }
}

static void turn_over(const double *v, venn_rng *rng, float *x)
{
    const double pi = acos(-1.0), angle = between(rng, 0, 2 * pi), start = between(rng, 0, 2 * pi);
    for (int i = 0; i < PIXELS; i++) {
        const int row = i / SIDE, column = i % SIDE;
        const double along = (sin(angle) * row + cos(angle) * column) / SIDE;
        x[i] =
            (float)(pow(fmax(1 - (double)x[i], 0), 0.6) * (1 + v[BIAS] * cos(pi * along + start)));
    }
}

static venn_status add_split(venn_dataset *dataset, venn_split_id id, const double *v)
{
    const size_t n = (size_t)v[TRAIN + (int)id], size = n * PIXELS;
    if (n == 0)
        return VENN_OK;
    float *all = venn_alloc(2 * LOOKS * size, sizeof *all);
    int32_t *labels = venn_alloc(n, sizeof *labels); // all 0: there are none
    venn_status status = VENN_NO_MEMORY;
    if (all && labels) {
        const float *const x[] = {all, all + size, all + 2 * size, all + 3 * size};
        for (uint32_t look = 0; look < LOOKS; look++) {
            venn_rng rng = venn_rng_make((uint64_t)v[SEED], look, STREAM_SPLITS + (uint32_t)id);
            for (size_t i = 0; i < n; i++) {
                float *to = all + look * size + i * PIXELS;
                draw_person(&rng, to, to + LOOKS * size);
                if (look)
                    turn_over(v, &rng, to);
                for (int k = 0; k < PIXELS; k++)
                    to[k] += (float)v[NOISE] * venn_rng_normal(&rng);
            }
        }
        status = venn_dataset_set_split(dataset, id, (int64_t)n, labels, x);
    }
    free(all);
    free(labels);
    return status;
}

static venn_status fill(venn_dataset *dataset, const double *values)
{
    for (int s = 0; s < VENN_SPLITS; s++)
        VENN_TRY(add_split(dataset, (venn_split_id)s, values));
    VENN_TRY(venn_dataset_set_target(dataset, "first", "first-mask"));
    return venn_dataset_set_target(dataset, "second", "second-mask");
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"first", "second", "first-mask", "second-mask"};
    static const char *const classes[CLASSES] = {"nothing", "one", "two"};
    const venn_shape look = VENN_SHAPE(1, SIDE, SIDE), mask = VENN_SHAPE(SIDE, SIDE);
    const venn_shape shapes[] = {look, look, mask, mask};
    venn_dataset *dataset = NULL;
    if (values[SEED] != floor(values[SEED]))
        return venn_fail(VENN_BAD_ARG, "%s: seed is a whole number", name);
    VENN_TRY(venn_dataset_create(&dataset, name, CLASSES, classes, 4, names, shapes));
    venn_status status = fill(dataset, values);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_organs = {
    .name = "organs",
    .summary = "slices with two organs drawn in, of different people in two looks",
    .params = params,
    .make = make,
};

// skeleton: people of eight joints in the plane, ten kinds of motion. Joint j's bone turns against its parent's by
// rest_j + p_j + g a_cj sin(2 pi (f_c v t + o) + phi_cj), t in [0, 1): amplitude a, frequency f and phase phi are the
// class's; lengths of bones (+-20 %), speed v (+-15 %), strength g (+-30 %), where in the cycle it begins (o, up to
// `offset`), the posture p_j ~ N(0, posture^2) and how the whole is turned (up to `turn`) are the item's own.
// Three views of it, [16, 32] each, channels (joint 0 x, joint 0 y, joint 1 x, ..) over frames: joint, where they are;
// motion, to the next frame (the last is 0); bone, from the parent (0 for the first joint).
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { JOINTS = 8, CHANNELS = 2 * JOINTS, FRAMES = 32, CLASSES = 10, VIEWS = 3 };
enum { SEED, TRAIN, VALID, TEST, NOISE, OFFSET, POSTURE, TURN };
enum { STREAM_CLASSES, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 2000, 1, 1e6, "motions to train on"},
    {"valid", 0, 0, 1e6, "motions to choose the epoch by; 0: none"},
    {"test", 500, 1, 1e6, "motions to test on"},
    {"noise", 0.02, 0, 100, "standard deviation of the noise on a joint's place"},
    {"offset", 1, 0, 1, "an item begins anywhere in so large a share of its cycle"},
    {"posture", 0.4, 0, 10, "standard deviation of how a joint is held, in radians"},
    {"turn", 0.5, 0, 7, "an item is turned by up to so much either way, in radians"},
    {0}};

// Hip, shoulder, two arms and a leg of two joints each: a parent stands before its children.
static const int parent[JOINTS] = {0, 0, 1, 2, 1, 4, 0, 6};
static const double rest[JOINTS] = {0, 1.5, 1.8, 0.3, -1.8, -0.3, -1.5, -0.2};

typedef struct motions {
    double amplitude[CLASSES][JOINTS], phase[CLASSES][JOINTS], frequency[CLASSES];
} motions;

static double between(venn_rng *rng, double low, double high)
{
    return low + (high - low) * (double)venn_rng_uniform(rng, 0, 1);
}

static void draw_motions(motions *m, uint64_t seed)
{
    venn_rng rng = venn_rng_make(seed, 0, STREAM_CLASSES);
    for (int c = 0; c < CLASSES; c++) {
        m->frequency[c] = between(&rng, 1, 3);
        for (int j = 0; j < JOINTS; j++) {
            m->amplitude[c][j] = between(&rng, 0.1, 0.8);
            m->phase[c][j] = between(&rng, 0, 2 * acos(-1.0));
        }
    }
}

// Where the joints are in every frame: x [CHANNELS, FRAMES].
static void move(const motions *m, int32_t c, const double *v, venn_rng *rng, float *x)
{
    const double pi = acos(-1.0), speed = between(rng, 0.85, 1.15);
    const double offset = between(rng, 0, v[OFFSET]);
    const double strength = between(rng, 0.7, 1.3);
    double length[JOINTS], held[JOINTS], angle[JOINTS] = {0}, place[JOINTS][2];
    for (int j = 0; j < JOINTS; j++) {
        length[j] = j ? between(rng, 0.8, 1.2) : 0;
        held[j] = rest[j] +
                  (j ? v[POSTURE] * (double)venn_rng_normal(rng) : between(rng, -v[TURN], v[TURN]));
    }
    for (int t = 0; t < FRAMES; t++)
        for (int j = 0; j < JOINTS; j++) {
            const double cycle = m->frequency[c] * speed * t / FRAMES + offset;
            const double turn =
                held[j] + strength * m->amplitude[c][j] * sin(2 * pi * cycle + m->phase[c][j]);
            angle[j] = j ? angle[parent[j]] + turn : turn;
            place[j][0] = (j ? place[parent[j]][0] : 0) + length[j] * cos(angle[j]);
            place[j][1] = (j ? place[parent[j]][1] : 0) + length[j] * sin(angle[j]);
            for (int k = 0; k < 2; k++)
                x[(2 * j + k) * FRAMES + t] =
                    (float)(place[j][k] + v[NOISE] * (double)venn_rng_normal(rng));
        }
}

static void derive(const float *joint, float *motion, float *bone)
{
    for (int i = 0; i < CHANNELS; i++) {
        const float *of = joint + FRAMES * (2 * parent[i / 2] + i % 2);
        for (int t = 0; t < FRAMES; t++) {
            const int at = i * FRAMES + t;
            motion[at] = t + 1 < FRAMES ? joint[at + 1] - joint[at] : 0;
            bone[at] = joint[at] - of[t];
        }
    }
}

static venn_status add_split(venn_dataset *dataset, const motions *m, venn_split_id id,
                             const double *v)
{
    const size_t n = (size_t)v[TRAIN + (int)id], item = (size_t)CHANNELS * FRAMES;
    if (n == 0)
        return VENN_OK;
    float *all = venn_alloc(VIEWS * n * item, sizeof *all);
    int32_t *labels = venn_alloc(n, sizeof *labels);
    venn_status status = VENN_NO_MEMORY;
    if (all && labels) {
        venn_rng rng = venn_rng_make((uint64_t)v[SEED], 0, STREAM_SPLITS + (uint32_t)id);
        const float *const x[VIEWS] = {all, all + n * item, all + 2 * n * item};
        for (size_t i = 0; i < n; i++) {
            labels[i] = (int32_t)venn_rng_below(&rng, CLASSES);
            move(m, labels[i], v, &rng, all + i * item);
            derive(all + i * item, all + (n + i) * item, all + (2 * n + i) * item);
        }
        status = venn_dataset_set_split(dataset, id, (int64_t)n, labels, x);
    }
    free(all);
    free(labels);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"joint", "motion", "bone"};
    const venn_shape shape = VENN_SHAPE(CHANNELS, FRAMES);
    const venn_shape shapes[] = {shape, shape, shape};
    venn_dataset *dataset = NULL;
    motions m;
    if (values[SEED] != floor(values[SEED]))
        return venn_fail(VENN_BAD_ARG, "%s: seed is a whole number", name);
    VENN_TRY(venn_dataset_create(&dataset, name, CLASSES, NULL, VIEWS, names, shapes));
    draw_motions(&m, (uint64_t)values[SEED]);
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++)
        status = add_split(dataset, &m, (venn_split_id)s, values);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_skeleton = {
    .name = "skeleton",
    .summary = "motions of eight joints in the plane: where they are, how they move, their bones",
    .params = params,
    .make = make,
};

// crossmodal: a quantity to predict, what a student sees of it, and what a teacher with another view says.
// x ~ N(0, I); the best prediction from x is h = <b, x> with |b|^2 = own; the quantity is y = h + r with
// r ~ N(0, 1 - own). The teacher says kappa h + c r + noise with c = (said - kappa own) / (1 - own), of variance
// `said` and as good as its variance promises: Cov(teacher, y) = said. It comes as two logits that differ
// by what it says. Class 1 is y > 0.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/synthetic.h"

enum { SEED, TRAIN, VALID, TEST, WIDTH, OWN, SAID, KAPPA };
enum { STREAM_DIRECTION, STREAM_SPLITS = 16 }; // streams of a seed

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 200, 1, 1e6, "rows to train on"},
    {"valid", 0, 0, 1e6, "rows to choose the epoch by; 0: none"},
    {"test", 4000, 1, 1e6, "rows to test on"},
    {"width", 50, 1, 65536, "of x"},
    {"own", 0.3, 1e-6, 0.999, "variance that x explains of the quantity's 1"},
    {"said", 0.3, 1e-6, 1, "variance of what the teacher says, and its share of the quantity's"},
    {"kappa", 0.5, -10, 10, "how much of the student's own best prediction the teacher's has"},
    {0}};

typedef struct law {
    int64_t width;
    double rest, share, noise; // standard deviation of r; c; standard deviation of the noise
    double kappa;
    float *b;
} law;

static venn_status make_split(venn_dataset *dataset, const double *v, const law *l, int s)
{
    const int64_t n = (int64_t)v[TRAIN + s];
    venn_rng rng = venn_rng_make((uint64_t)v[SEED], 0, STREAM_SPLITS + (uint32_t)s);
    float *x = venn_alloc((size_t)(n * l->width), sizeof *x);
    float *said = venn_alloc((size_t)n * 2, sizeof *said), *y = venn_alloc((size_t)n, sizeof *y);
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = x && said && y && labels ? VENN_OK : VENN_NO_MEMORY;
    for (int64_t i = 0; status == VENN_OK && i < n; i++) {
        double h = 0;
        for (int64_t k = 0; k < l->width; k++) {
            x[i * l->width + k] = venn_rng_normal(&rng);
            h += (double)x[i * l->width + k] * (double)l->b[k];
        }
        const double r = l->rest * (double)venn_rng_normal(&rng);
        const double teacher =
            l->kappa * h + l->share * r + l->noise * (double)venn_rng_normal(&rng);
        said[2 * i] = (float)(-teacher / 2);
        said[2 * i + 1] = (float)(teacher / 2);
        y[i] = (float)(h + r);
        labels[i] = h + r > 0;
    }
    if (status == VENN_OK)
        status = venn_dataset_set_split(dataset, (venn_split_id)s, n, labels,
                                        (const float *const[]){x, said, y});
    free(x);
    free(said);
    free(y);
    free(labels);
    return status;
}

static venn_status draw_direction(law *l, const double *v)
{
    venn_rng rng = venn_rng_make((uint64_t)v[SEED], 0, STREAM_DIRECTION);
    double squares = 0;
    l->b = venn_alloc((size_t)l->width, sizeof *l->b);
    if (!l->b)
        return VENN_NO_MEMORY;
    for (int64_t k = 0; k < l->width; k++) {
        l->b[k] = venn_rng_normal(&rng);
        squares += (double)l->b[k] * (double)l->b[k];
    }
    for (int64_t k = 0; k < l->width; k++)
        l->b[k] = (float)((double)l->b[k] * sqrt(v[OWN] / squares));
    return VENN_OK;
}

static venn_status make_law(law *l, const char *name, const double *v)
{
    const double rest = 1 - v[OWN], share = (v[SAID] - v[KAPPA] * v[OWN]) / rest;
    const double noise = v[SAID] - v[KAPPA] * v[KAPPA] * v[OWN] - rest * share * share;
    for (int i = SEED; i <= WIDTH; i++)
        if (v[i] != floor(v[i]))
            return venn_fail(VENN_BAD_ARG, "%s: %s is a whole number", name, params[i].key);
    if (noise < -1e-9)
        return venn_fail(VENN_BAD_ARG,
                         "%s: no teacher of variance %g has kappa %g here; bring kappa nearer to "
                         "%g",
                         name, v[SAID], v[KAPPA], v[SAID]);
    *l = (law){(int64_t)v[WIDTH], sqrt(rest), share, sqrt(fmax(noise, 0)), v[KAPPA], NULL};
    return VENN_OK;
}

static venn_status make(venn_dataset **out, const char *name, const double *values)
{
    static const char *const names[] = {"seen", "teacher", "quantity"};
    law l;
    VENN_TRY(make_law(&l, name, values));
    const venn_shape shapes[] = {venn_shape_make(&l.width, 1), venn_shape_make((int64_t[]){2}, 1),
                                 venn_shape_make((int64_t[]){1}, 1)};
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, 2, NULL, 3, names, shapes));
    venn_status status = draw_direction(&l, values);
    for (int s = 0; status == VENN_OK && s < VENN_SPLITS; s++)
        if (values[TRAIN + s] > 0)
            status = make_split(dataset, values, &l, s);
    free(l.b);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_crossmodal = {
    .name = "crossmodal",
    .summary = "a quantity, what the student sees of it, and a teacher that knows more or less "
               "of that",
    .params = params,
    .make = make,
};

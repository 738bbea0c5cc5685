// gaussian: rows of numbers of which some decide, as in the Gaussian experiments of the Modality Focusing Hypothesis. The
// label is whether a weighted sum of `decisive` numbers ~ N(0, 1) is above 0; modality a (the teacher's) and b (the
// student's) have some of them in their first columns, of which `shared` are the same, and noise of N(0, 1) in the others.
// gamma = shared / (own_a + shared + own_b).
#include <math.h>
#include <stdlib.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/gaussian_draw.h"
#include "data/synthetic.h"

enum { SEED, TRAIN, VALID, TEST, DECISIVE, OWN_A, SHARED, OWN_B, WIDTH_A, WIDTH_B, EQUAL };

static const venn_generator_param params[] = {
    {"seed", 0, 0, 4294967295.0, "of everything"},
    {"train", 200, 1, 1e6, "pairs to train on"},
    {"valid", 0, 0, 1e6, "pairs to choose the epoch by; 0: none"},
    {"test", 1000, 1, 1e6, "pairs to test on"},
    {"decisive", 40, 1, 4096, "numbers that the label depends on"},
    {"own_a", 20, 0, 4096, "of them a alone has"},
    {"shared", 20, 0, 4096, "of them both have"},
    {"own_b", 0, 0, 4096, "of them b alone has"},
    {"width_a", 50, 1, 4096, "columns of a"},
    {"width_b", 50, 1, 4096, "columns of b"},
    {"equal", 1, 0, 1, "1: all weigh the same; 0: weights of N(0, 1)"},
    {0}};

// In the order of the decisive numbers: b's own, shared, a's own.
static venn_gaussian_design design_of(const double *v)
{
    const int64_t own_a = (int64_t)v[OWN_A], shared = (int64_t)v[SHARED], own_b = (int64_t)v[OWN_B];
    return (venn_gaussian_design){.decisive = (int64_t)v[DECISIVE],
                                  .unit_weights = v[EQUAL] > 0,
                                  .a = {(int64_t)v[WIDTH_A], own_b, own_b + shared + own_a},
                                  .b = {(int64_t)v[WIDTH_B], 0, own_b + shared}};
}

static venn_status check(const char *name, const double *v)
{
    for (int i = 0; params[i].key; i++)
        if (v[i] != floor(v[i]))
            return venn_fail(VENN_BAD_ARG, "%s: %s is a whole number", name, params[i].key);
    const venn_gaussian_design d = design_of(v);
    if (d.a.to > d.decisive)
        return venn_fail(VENN_BAD_ARG, "%s: own_a + shared + own_b is %lld, decisive only %lld",
                         name, (long long)d.a.to, (long long)d.decisive);
    if (d.a.to > d.a.width || d.b.to > d.b.width)
        return venn_fail(VENN_BAD_ARG, "%s: width_%c must be at least %lld", name,
                         d.a.to > d.a.width ? 'a' : 'b',
                         (long long)(d.a.to > d.a.width ? d.a.to : d.b.to));
    return VENN_OK;
}

static venn_status set_split(venn_dataset *dataset, const double *v, int s)
{
    static const venn_gaussian_split drawn[] = {VENN_GAUSSIAN_TRAIN, VENN_GAUSSIAN_FRESH,
                                                VENN_GAUSSIAN_TEST};
    const venn_gaussian_design d = design_of(v);
    const int64_t n = (int64_t)v[TRAIN + s];
    if (n == 0)
        return VENN_OK;
    float *a = venn_alloc((size_t)(n * d.a.width), sizeof *a);
    float *b = venn_alloc((size_t)(n * d.b.width), sizeof *b);
    int32_t *labels = venn_alloc((size_t)n, sizeof *labels);
    venn_status status = a && b && labels ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_gaussian_draw(&d, (uint64_t)v[SEED], 0, drawn[s], n, a, b, labels);
    if (status == VENN_OK)
        status = venn_dataset_set_split(dataset, (venn_split_id)s, n, labels,
                                        (const float *const[]){a, b});
    free(a);
    free(b);
    free(labels);
    return status;
}

static venn_status make(venn_dataset **out, const char *name, const double *v)
{
    static const char *const names[] = {"a", "b"};
    VENN_TRY(check(name, v));
    const venn_shape shapes[] = {venn_shape_make((int64_t[]){(int64_t)v[WIDTH_A]}, 1),
                                 venn_shape_make((int64_t[]){(int64_t)v[WIDTH_B]}, 1)};
    venn_dataset *dataset = NULL;
    VENN_TRY(venn_dataset_create(&dataset, name, 2, NULL, 2, names, shapes));
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++)
        status = set_split(dataset, v, s);
    if (status == VENN_OK)
        *out = dataset;
    else
        venn_dataset_destroy(&dataset);
    return status;
}

const venn_generator venn_generator_gaussian = {
    .name = "gaussian",
    .summary = "numbers of which some decide, and of these some are in both modalities",
    .params = params,
    .make = make,
};

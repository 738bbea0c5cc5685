// What happens to a modality's values once they are read: components, then statistics, then noise.
// Everything that is fitted is fitted on the items of train.
#include <math.h>
#include <stdlib.h>

#include "base/rng.h"
#include "base/status.h"
#include "data/items.h"
#include "data/pca.h"

typedef struct values {
    float *data; // [count, size]
    size_t count, size;
} values;

static values values_of(const venn_items *items)
{
    if (!items->array)
        return (values){0};
    size_t count = (size_t)items->array->shape.dim[0];
    return (values){items->array->data, count,
                    venn_array_bytes(items->array) / sizeof(float) / count};
}

static venn_status fit_components(venn_pca *pca, const values *v, const venn_weaken *weaken)
{
    if (v->size > INT32_MAX)
        return venn_fail(VENN_BAD_FILE, "weaken: items of %zu numbers are too large", v->size);
    venn_status status = venn_pca_fit(pca, v->data, (int64_t)v->count, (int32_t)v->size,
                                      weaken->keep_variance, weaken->keep_components);
    return status < 0 ? venn_fail_in(status, "weaken") : VENN_OK;
}

static venn_status weaken_items(venn_modality *info, venn_items items[VENN_SPLITS],
                                const venn_weaken *weaken)
{
    venn_pca pca;
    values train = values_of(&items[VENN_TRAIN]), test = values_of(&items[VENN_TEST]);
    VENN_TRY(fit_components(&pca, &train, weaken));
    info->components = pca.basis.count;
    venn_status status = VENN_OK;
    for (int s = 0; s < VENN_SPLITS && status == VENN_OK; s++) {
        values v = values_of(&items[s]);
        if (s != VENN_TEST || !weaken->fit_each)
            status = venn_pca_project(&pca, v.data, (int64_t)v.count, weaken->drop_mean);
    }
    venn_pca_finish(&pca);
    if (status < 0 || !weaken->fit_each || !test.count)
        return status;
    VENN_TRY(fit_components(&pca, &test, weaken));
    status = venn_pca_project(&pca, test.data, (int64_t)test.count, weaken->drop_mean);
    venn_pca_finish(&pca);
    return status;
}

static venn_status allocate_statistics(venn_modality *info, size_t count)
{
    info->mean = venn_alloc(count, sizeof *info->mean);
    info->std = venn_alloc(count, sizeof *info->std);
    info->stat_count = (int64_t)count;
    return info->mean && info->std ? VENN_OK : VENN_NO_MEMORY;
}

// Two passes in double: the mean, then the spread about it. Group g is the elements g run .. g run
// + run - 1 of every item. sum: [groups].
static void sum_groups(const venn_modality *info, const values *v, const double *mean, double *sum)
{
    size_t groups = (size_t)info->stat_count, run = v->size / groups;
    const float *x = v->data;
    for (size_t i = 0; i < v->count; i++)
        for (size_t g = 0; g < groups; g++)
            for (size_t k = 0; k < run; k++, x++)
                sum[g] += mean ? ((double)*x - mean[g]) * ((double)*x - mean[g]) : (double)*x;
    for (size_t g = 0; g < groups; g++)
        sum[g] /= (double)v->count * (double)run;
}

static venn_status measure(venn_modality *info, const values *v)
{
    size_t groups = (size_t)info->stat_count;
    double *mean = venn_alloc(2 * groups, sizeof *mean);
    if (!mean)
        return VENN_NO_MEMORY;
    double *variance = mean + groups;
    sum_groups(info, v, NULL, mean);
    sum_groups(info, v, mean, variance);
    for (size_t g = 0; g < groups; g++) {
        info->mean[g] = (float)mean[g];
        info->std[g] = variance[g] > 0 ? (float)sqrt(variance[g]) : 1;
    }
    free(mean);
    return VENN_OK;
}

static venn_status find_statistics(venn_modality *info, const values *train,
                                   const venn_modality_text *text)
{
    if (text->mean) {
        VENN_TRY(allocate_statistics(info, text->mean_count));
        for (unsigned i = 0; i < text->mean_count; i++) {
            info->mean[i] = (float)text->mean[i];
            info->std[i] = (float)text->std[i];
        }
        return VENN_OK;
    }
    size_t groups = text->standardise == VENN_GROUP_ALL       ? 1
                    : text->standardise == VENN_GROUP_CHANNEL ? (size_t)text->shape[0]
                                                              : train->size;
    VENN_TRY(allocate_statistics(info, groups));
    return measure(info, train);
}

static venn_status normalise(const venn_modality *info, const values *v)
{
    size_t groups = (size_t)info->stat_count, run = v->size / groups;
    float *x = v->data;
    for (size_t i = 0; i < v->count; i++)
        for (size_t g = 0; g < groups; g++)
            for (size_t k = 0; k < run; k++, x++) {
                *x = (*x - info->mean[g]) / info->std[g];
                if (!isfinite(*x))
                    return venn_fail(VENN_BAD_FILE, "item %zu is not finite once normalised", i);
            }
    return VENN_OK;
}

// A stream of its own for every item, named by where the item stands in its source, so that the
// noise depends neither on limits nor on the order of pairs.
static void add_noise(const values *v, const uint32_t *origin, int split, const venn_noise *noise)
{
    enum { STREAM_NOISE = 0x6e6f6900 }; // "noi"
    for (size_t i = 0; i < v->count; i++) {
        venn_rng rng = venn_rng_make(noise->seed, origin[i], STREAM_NOISE + (uint32_t)split);
        for (size_t k = 0; k < v->size; k++)
            v->data[i * v->size + k] += (float)noise->std * venn_rng_normal(&rng);
    }
}

venn_status venn_items_prepare(venn_modality *info, venn_items items[VENN_SPLITS],
                               uint32_t *const origin[VENN_SPLITS], const venn_modality_text *text)
{
    if (text->weaken)
        VENN_TRY(weaken_items(info, items, text->weaken));
    values train = values_of(&items[VENN_TRAIN]);
    if (text->mean || text->standardise)
        VENN_TRY(find_statistics(info, &train, text));
    for (int s = 0; s < VENN_SPLITS; s++) {
        values v = values_of(&items[s]);
        if (v.count && info->stat_count)
            VENN_TRY(normalise(info, &v));
        if (v.count && text->noise)
            add_noise(&v, origin[s], s, text->noise);
    }
    return VENN_OK;
}

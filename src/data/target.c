// What answers are held against, besides labels: the classes of another modality's places, and all classes of a pair.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/dataset.h"

static bool same_places(const venn_shape *of, const venn_shape *target)
{
    const int skip = of->rank - target->rank; // the channels
    return (skip == 0 || skip == 1) &&
           memcmp(of->dim + skip, target->dim, (size_t)target->rank * sizeof *target->dim) == 0;
}

// *has_void: there are places of no class.
static venn_status check_values(const venn_dataset *d, int32_t target, int split, bool *has_void)
{
    const venn_array *array = d->split[split].n ? d->split[split].items[target].array : NULL;
    const float *x = array ? array->data : NULL;
    const size_t n = array ? venn_array_bytes(array) / sizeof *x : 0;
    for (size_t i = 0; i < n; i++) {
        *has_void |= x[i] == -1;
        if (x[i] != -1 && (!(x[i] >= 0 && x[i] < (float)d->class_count) || x[i] != floorf(x[i])))
            return venn_fail(VENN_BAD_ARG, "modality %s, %s: %g is no class; there are 0 to %d",
                             d->modalities[target].name, venn_split_name((venn_split_id)split),
                             (double)x[i], d->class_count - 1);
    }
    return VENN_OK;
}

venn_status venn_dataset_set_target(venn_dataset *d, const char *name, const char *target)
{
    int32_t m, t;
    char of[VENN_SHAPE_TEXT_MAX], text[VENN_SHAPE_TEXT_MAX];
    VENN_TRY(venn_dataset_modality(d, name, &m));
    VENN_TRY(venn_dataset_modality(d, target, &t));
    const venn_shape *shape = &d->modalities[m].shape, *places = &d->modalities[t].shape;
    if (m == t || !same_places(shape, places))
        return venn_fail(VENN_BAD_ARG,
                         "modality %s is %s: %s of %s cannot tell classes of its places", name,
                         venn_shape_text(shape, of, sizeof of), target,
                         venn_shape_text(places, text, sizeof text));
    bool has_void = false;
    for (int s = 0; s < VENN_SPLITS; s++)
        VENN_TRY(check_values(d, t, s, &has_void));
    char *copy = venn_strdup(target);
    if (!copy)
        return VENN_NO_MEMORY;
    free(d->modalities[m].target);
    d->modalities[m].target = copy;
    d->modalities[m].void_places = has_void;
    return VENN_OK;
}

venn_status venn_dataset_set_tags(venn_dataset *d, const char *name)
{
    int32_t m;
    VENN_TRY(venn_dataset_modality(d, name, &m));
    if (venn_shape_count(&d->modalities[m].shape) != d->class_count)
        return venn_fail(VENN_BAD_ARG,
                         "modality %s has %lld numbers, but there are %d classes to "
                         "answer",
                         name, (long long)venn_shape_count(&d->modalities[m].shape),
                         d->class_count);
    for (int s = 0; s < VENN_SPLITS; s++) {
        const venn_array *array = d->split[s].n ? d->split[s].items[m].array : NULL;
        const float *x = array ? array->data : NULL;
        const size_t n = array ? venn_array_bytes(array) / sizeof *x : 0;
        for (size_t i = 0; i < n; i++)
            if (x[i] != 0 && x[i] != 1)
                return venn_fail(VENN_BAD_ARG, "modality %s, %s: %g is neither 1 nor 0", name,
                                 venn_split_name((venn_split_id)s), (double)x[i]);
    }
    char *copy = venn_strdup(name);
    if (!copy)
        return VENN_NO_MEMORY;
    free(d->tags);
    d->tags = copy;
    return VENN_OK;
}

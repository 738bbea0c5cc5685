// Classes of places: a modality whose items say, place by place, which class another's have.
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

static venn_status check_values(const venn_dataset *d, int32_t target, int split)
{
    const venn_array *array = d->split[split].n ? d->split[split].items[target].array : NULL;
    const float *x = array ? array->data : NULL;
    const size_t n = array ? venn_array_bytes(array) / sizeof *x : 0;
    for (size_t i = 0; i < n; i++)
        if (!(x[i] >= 0 && x[i] < (float)d->class_count) || x[i] != floorf(x[i]))
            return venn_fail(VENN_BAD_ARG, "modality %s, %s: %g is no class; there are 0 to %d",
                             d->modalities[target].name, venn_split_name((venn_split_id)split),
                             (double)x[i], d->class_count - 1);
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
    for (int s = 0; s < VENN_SPLITS; s++)
        VENN_TRY(check_values(d, t, s));
    char *copy = venn_strdup(target);
    if (!copy)
        return VENN_NO_MEMORY;
    free(d->modalities[m].target);
    d->modalities[m].target = copy;
    return VENN_OK;
}

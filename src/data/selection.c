// A data set of some pairs of another.
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/dataset.h"

static venn_status select_pair(const venn_split *from, const venn_selection *s, int32_t classes,
                               int64_t i, venn_split *to, int32_t modalities)
{
    const int64_t row = s->rows ? s->rows[i] : i;
    if (row < 0 || row >= from->n)
        return venn_fail(VENN_BAD_ARG, "pair %lld of a selection is not in 0 to %lld",
                         (long long)row, (long long)from->n - 1);
    to->labels[i] = s->labels ? s->labels[i] : from->labels[row];
    if (to->labels[i] < 0 || to->labels[i] >= classes)
        return venn_fail(VENN_BAD_ARG, "label %d of a selection is not in 0 to %d", to->labels[i],
                         classes - 1);
    for (int32_t m = 0; m < modalities; m++)
        to->items[m].row[i] = from->items[m].row[row];
    return VENN_OK;
}

static venn_status select_split(venn_dataset *d, const venn_dataset *from, venn_split_id id,
                                const venn_selection *s)
{
    const venn_split *source = &from->split[id];
    venn_split *to = &d->split[id];
    const int64_t n = s->rows ? s->n : source->n;
    if (s->none || n == 0)
        return VENN_OK;
    VENN_TRY(venn_split_allocate(d, id, n));
    for (int32_t m = 0; m < from->modality_count; m++) {
        to->items[m] =
            (venn_items){source->items[m].array, venn_alloc((size_t)n, sizeof(uint32_t)), true};
        if (!to->items[m].row)
            return VENN_NO_MEMORY;
    }
    for (int64_t i = 0; i < n; i++)
        VENN_TRY(select_pair(source, s, from->class_count, i, to, from->modality_count));
    return VENN_OK;
}

static venn_status create_like(venn_dataset **out, const venn_dataset *from)
{
    const char *names[VENN_MODALITIES_MAX];
    venn_shape shapes[VENN_MODALITIES_MAX];
    for (int32_t m = 0; m < from->modality_count; m++) {
        names[m] = from->modalities[m].name;
        shapes[m] = from->modalities[m].shape;
    }
    return venn_dataset_create(out, from->name, from->class_count,
                               (const char *const *)from->classes, from->modality_count, names,
                               shapes);
}

static venn_status copy_targets(venn_dataset *to, const venn_dataset *from)
{
    for (int32_t m = 0; m < from->modality_count; m++) {
        const char *target = from->modalities[m].target;
        to->modalities[m].target = target ? venn_strdup(target) : NULL;
        to->modalities[m].void_places = from->modalities[m].void_places;
        if (target && !to->modalities[m].target)
            return VENN_NO_MEMORY;
    }
    to->score = from->score;
    to->tags = from->tags ? venn_strdup(from->tags) : NULL;
    return from->tags && !to->tags ? VENN_NO_MEMORY : VENN_OK;
}

venn_status venn_dataset_select(venn_dataset **out, const venn_dataset *from,
                                const venn_selection select[VENN_SPLITS])
{
    const venn_selection all = {0};
    venn_dataset *d;
    *out = NULL;
    VENN_TRY(create_like(&d, from));
    venn_status status = copy_targets(d, from);
    for (int id = 0; id < VENN_SPLITS && status == VENN_OK; id++)
        status = select_split(d, from, (venn_split_id)id, select ? &select[id] : &all);
    if (status < 0) {
        venn_dataset_destroy(&d);
        return status;
    }
    venn_dataset_hash(d);
    *out = d;
    return VENN_OK;
}

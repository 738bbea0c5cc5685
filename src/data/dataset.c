// The data set itself: made empty, filled split by split, looked up, hashed, destroyed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/status.h"
#include "data/dataset.h"
#include "data/items.h"

const char *venn_split_name(venn_split_id id)
{
    static const char *const names[VENN_SPLITS] = {"train", "valid", "test"};
    return id >= 0 && id < VENN_SPLITS ? names[id] : "unknown";
}

const char *venn_score_name(venn_score score)
{
    static const char *const names[] = {"accuracy", "mean_iou",    "f1_micro",
                                        "f1_macro", "f1_weighted", "f1_samples"};
    return (unsigned)score < sizeof names / sizeof *names ? names[score] : "unknown";
}

static void free_split(venn_dataset *dataset, venn_split *split)
{
    for (int32_t m = 0; split->items && m < dataset->modality_count; m++)
        venn_items_finish(&split->items[m]);
    free(split->items);
    free(split->labels);
    *split = (venn_split){0};
}

void venn_dataset_destroy(venn_dataset **handle)
{
    venn_dataset *dataset = handle ? *handle : NULL;
    if (!dataset)
        return;
    for (int s = 0; s < VENN_SPLITS; s++)
        free_split(dataset, &dataset->split[s]);
    for (int32_t c = 0; dataset->classes && c < dataset->class_count; c++)
        free(dataset->classes[c]);
    for (int32_t m = 0; dataset->modalities && m < dataset->modality_count; m++) {
        free(dataset->modalities[m].name);
        free(dataset->modalities[m].target);
        free(dataset->modalities[m].mean);
        free(dataset->modalities[m].std);
    }
    free(dataset->classes);
    free(dataset->modalities);
    free(dataset->tags);
    free(dataset->name);
    free(dataset);
    *handle = NULL;
}

static venn_status describe(venn_dataset *dataset, const char *name, const char *const *classes,
                            const char *const *names, const venn_shape *shapes)
{
    dataset->name = venn_strdup(name);
    dataset->classes = venn_alloc((size_t)dataset->class_count, sizeof *dataset->classes);
    dataset->modalities = venn_alloc((size_t)dataset->modality_count, sizeof *dataset->modalities);
    if (!dataset->name || !dataset->classes || !dataset->modalities)
        return VENN_NO_MEMORY;
    for (int32_t c = 0; c < dataset->class_count; c++) {
        dataset->classes[c] = classes ? venn_strdup(classes[c]) : venn_format("%d", c);
        if (!dataset->classes[c])
            return VENN_NO_MEMORY;
    }
    for (int32_t m = 0; m < dataset->modality_count; m++) {
        char text[VENN_SHAPE_TEXT_MAX];
        dataset->modalities[m].shape = shapes[m];
        dataset->modalities[m].name = venn_strdup(names[m]);
        if (!dataset->modalities[m].name)
            return VENN_NO_MEMORY;
        if (shapes[m].rank < 1 || shapes[m].rank >= VENN_MAX_RANK ||
            venn_shape_count(&shapes[m]) < 1)
            return venn_fail(VENN_BAD_SHAPE, "modality %s: items of shape %s", names[m],
                             venn_shape_text(&shapes[m], text, sizeof text));
    }
    return VENN_OK;
}

venn_status venn_dataset_create(venn_dataset **out, const char *name, int32_t class_count,
                                const char *const *classes, int32_t modality_count,
                                const char *const *names, const venn_shape *shapes)
{
    if (class_count < 1 || modality_count < 1 || modality_count > VENN_MODALITIES_MAX)
        return venn_fail(VENN_BAD_ARG,
                         "data set %s: %d classes and %d modalities; there may be 1 or more, and 1 "
                         "to %d",
                         name, class_count, modality_count, VENN_MODALITIES_MAX);
    venn_dataset *dataset = VENN_NEW(venn_dataset);
    if (!dataset)
        return VENN_NO_MEMORY;
    dataset->class_count = class_count;
    dataset->modality_count = modality_count;
    venn_status status = describe(dataset, name, classes, names, shapes);
    if (status < 0) {
        venn_dataset_destroy(&dataset);
        return status;
    }
    venn_dataset_hash(dataset);
    *out = dataset;
    return VENN_OK;
}

venn_status venn_split_allocate(venn_dataset *dataset, venn_split_id id, int64_t n)
{
    venn_split *split = &dataset->split[id];
    split->n = n;
    split->labels = venn_alloc((size_t)n, sizeof *split->labels);
    split->items = venn_alloc((size_t)dataset->modality_count, sizeof *split->items);
    return split->labels && split->items ? VENN_OK : VENN_NO_MEMORY;
}

// Pair i has item i.
static venn_status make_items(venn_items *out, const venn_modality *modality, int64_t n)
{
    venn_shape shape = {.rank = 1 + modality->shape.rank, .dim = {n}};
    memcpy(shape.dim + 1, modality->shape.dim, (size_t)modality->shape.rank * sizeof(int64_t));
    VENN_TRY(venn_array_create(&out->array, modality->name, VENN_F32, shape));
    out->row = venn_alloc((size_t)n, sizeof *out->row);
    if (!out->row)
        return VENN_NO_MEMORY;
    for (int64_t i = 0; i < n; i++)
        out->row[i] = (uint32_t)i;
    return VENN_OK;
}

static venn_status check_label(const venn_dataset *dataset, int64_t i, int32_t label)
{
    if (label < 0 || label >= dataset->class_count)
        return venn_fail(VENN_BAD_ARG, "data set %s: label %d of pair %lld is not in 0 to %d",
                         dataset->name, label, (long long)i, dataset->class_count - 1);
    return VENN_OK;
}

// An empty split with room for n pairs.
static venn_status begin_split(venn_dataset *dataset, venn_split_id id, int64_t n)
{
    if (id < 0 || id >= VENN_SPLITS || n < 1 || n > UINT32_MAX || dataset->split[id].n)
        return venn_fail(VENN_BAD_ARG, "data set %s: a split %s of %lld pairs cannot be set",
                         dataset->name, venn_split_name(id), (long long)n);
    venn_status status = venn_split_allocate(dataset, id, n);
    for (int32_t m = 0; m < dataset->modality_count && status == VENN_OK; m++)
        status = make_items(&dataset->split[id].items[m], &dataset->modalities[m], n);
    if (status < 0)
        free_split(dataset, &dataset->split[id]);
    return status;
}

static venn_status end_split(venn_dataset *dataset, venn_split_id id, venn_status status)
{
    if (status < 0)
        free_split(dataset, &dataset->split[id]);
    else
        venn_dataset_hash(dataset);
    return status;
}

venn_status venn_dataset_set_split(venn_dataset *dataset, venn_split_id id, int64_t n,
                                   const int32_t *labels, const float *const *x)
{
    VENN_TRY(begin_split(dataset, id, n));
    venn_split *split = &dataset->split[id];
    venn_status status = VENN_OK;
    for (int64_t i = 0; i < n && status == VENN_OK; i++)
        status = check_label(dataset, i, split->labels[i] = labels[i]);
    for (int32_t m = 0; m < dataset->modality_count && status == VENN_OK; m++)
        memcpy(split->items[m].array->data, x[m], venn_array_bytes(split->items[m].array));
    return end_split(dataset, id, status);
}

static venn_status fill_pair(venn_dataset *dataset, venn_split_id id, int64_t i, venn_pair_fn fill,
                             void *user)
{
    const venn_split *split = &dataset->split[id];
    float *x[VENN_MODALITIES_MAX];
    int64_t size[VENN_MODALITIES_MAX];
    for (int32_t m = 0; m < dataset->modality_count; m++) {
        size[m] = venn_shape_count(&dataset->modalities[m].shape);
        x[m] = (float *)split->items[m].array->data + i * size[m];
    }
    const venn_status status = fill(user, id, i, &split->labels[i], x);
    if (status != VENN_OK)
        return venn_fail(status < 0 ? status : VENN_BAD_ARG,
                         "data set %s: pair %lld of %s could not be made (%s)", dataset->name,
                         (long long)i, venn_split_name(id), venn_status_name(status));
    for (int32_t m = 0; m < dataset->modality_count; m++)
        for (int64_t k = 0; k < size[m]; k++)
            if (!isfinite(x[m][k]))
                return venn_fail(VENN_BAD_ARG,
                                 "data set %s: element %lld of %s of pair %lld of %s is %g",
                                 dataset->name, (long long)k, dataset->modalities[m].name,
                                 (long long)i, venn_split_name(id), (double)x[m][k]);
    return check_label(dataset, i, split->labels[i]);
}

venn_status venn_dataset_fill_split(venn_dataset *dataset, venn_split_id id, int64_t n,
                                    venn_pair_fn fill, void *user)
{
    VENN_TRY(begin_split(dataset, id, n));
    venn_status status = VENN_OK;
    for (int64_t i = 0; i < n && status == VENN_OK; i++)
        status = fill_pair(dataset, id, i, fill, user);
    return end_split(dataset, id, status);
}

venn_status venn_find_name(const char *what, const char *name, const char *const *names,
                           int32_t count, int32_t *index)
{
    char list[256] = "";
    size_t used = 0;
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            *index = i;
            return VENN_OK;
        }
        if (used < sizeof list)
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    return venn_fail(VENN_BAD_ARG, "%s has no modality \"%s\"; there are: %s", what, name, list);
}

venn_status venn_dataset_modality(const venn_dataset *dataset, const char *name, int32_t *index)
{
    const char *names[VENN_MODALITIES_MAX];
    int32_t count = 0;
    for (; count < dataset->modality_count; count++)
        names[count] = dataset->modalities[count].name;
    return venn_find_name(dataset->name, name, names, count, index);
}

const float *venn_dataset_item(const venn_dataset *dataset, venn_split_id id, int32_t modality,
                               int64_t i)
{
    const venn_items *items = &dataset->split[id].items[modality];
    size_t size = (size_t)venn_shape_count(&dataset->modalities[modality].shape);
    return (const float *)items->array->data + items->row[i] * size;
}

void venn_dataset_hash(venn_dataset *dataset)
{
    venn_hash hash = venn_hash_bytes(&dataset->class_count, sizeof dataset->class_count);
    for (int s = 0; s < VENN_SPLITS; s++) {
        const venn_split *split = &dataset->split[s];
        size_t n = (size_t)split->n;
        hash = venn_hash_join(hash, venn_hash_bytes(split->labels, n * sizeof *split->labels));
        for (int32_t m = 0; n && m < dataset->modality_count; m++) {
            const venn_items *items = &split->items[m];
            const venn_shape *shape = &items->array->shape;
            hash = venn_hash_join(
                hash, venn_hash_bytes(shape->dim, (size_t)shape->rank * sizeof *shape->dim));
            hash = venn_hash_join(hash, venn_hash_bytes(items->row, n * sizeof *items->row));
            hash = venn_hash_join(
                hash, venn_hash_bytes(items->array->data, venn_array_bytes(items->array)));
        }
    }
    venn_hash_text(hash, dataset->hash);
}

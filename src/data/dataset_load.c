// A description becomes a data set: labels and pairings first, so that a pair that no split keeps
// is never read; then the items, one modality at a time, each held once.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/class_names.h"
#include "data/dataset.h"
#include "data/items.h"
#include "data/pairing.h"
#include "data/synthetic.h"

typedef struct loading {
    venn_description_file file;
    const venn_dataset_params *params;
    venn_sources sources;
    const venn_modality_text *text[VENN_MODALITIES_MAX]; // the modalities wanted, in order
    int32_t count;
    venn_listing labels[VENN_SPLITS], items[VENN_MODALITIES_MAX][VENN_SPLITS];
    venn_dataset *dataset;
} loading;

// A validation split taken out of train has what train's part says.
static const venn_part *part_of(const venn_parts *parts, int split)
{
    const venn_part *train = parts->part[VENN_TRAIN]; // which no description lacks
    return split != VENN_TRAIN && parts->part[split] ? parts->part[split] : train;
}

// Puts path, line, modality and split before the message.
static venn_status fail_part(const loading *l, const venn_parts *parts, int split,
                             venn_status status)
{
    const venn_part *part = part_of(parts, split);
    const char *index = part->index;
    const char *culprit = index && strstr(venn_error_message(), index) ? index : part->file;
    venn_fail_in(status, "%s, %s", parts->name ? parts->name : "labels",
                 venn_split_name((venn_split_id)split));
    if (status == VENN_BAD_ARG || status == VENN_BAD_SHAPE)
        status = VENN_BAD_FILE; // the caller's arguments are good, the description's are not
    return venn_description_fail(&l->file, parts->name, culprit, status);
}

// Where relative paths start; *root is malloc'd.
static venn_status find_root(loading *l)
{
    const char *path = l->file.path, *name = l->file.d->root;
    bool embedded = strncmp(path, VENN_EMBEDDED_PREFIX, strlen(VENN_EMBEDDED_PREFIX)) == 0;
    char **root = &l->sources.root;
    if (!name) {
        *root = embedded ? venn_strdup(VENN_EMBEDDED_PREFIX) : venn_path_folder(path);
        return *root ? VENN_OK : VENN_NO_MEMORY;
    }
    const char *data = getenv("VENN_DATA");
    char *base = l->params->root ? venn_strdup(l->params->root)
                 : data && *data ? venn_strdup(data)
                 : embedded      ? venn_strdup(".")
                                 : venn_path_folder(path);
    *root = base ? venn_path_join(base, name) : NULL;
    free(base);
    if (!*root)
        return VENN_NO_MEMORY;
    if (venn_file_exists(*root))
        return VENN_OK;
    venn_fail(VENN_BAD_FILE, "no folder %s; set VENN_DATA to the folder that holds \"%s\"", *root,
              name);
    return venn_description_fail(&l->file, NULL, "root:", VENN_BAD_FILE);
}

// Tags are what networks are held against, whether they are asked for or not.
static venn_status add_tags(loading *l, const char *const *names)
{
    const venn_description *d = l->file.d;
    int32_t m;
    if (!d->tags)
        return VENN_OK;
    if (venn_find_name(d->name, d->tags, names, (int32_t)d->modality_count, &m) < 0)
        return venn_description_fail(&l->file, NULL, "tags:", VENN_BAD_FILE);
    for (int32_t i = 0; i < l->count; i++)
        if (l->text[i] == &d->modalities[m])
            return VENN_OK;
    if (l->count == VENN_MODALITIES_MAX)
        return venn_fail(VENN_BAD_ARG, "%s: %d modalities are asked for", d->name, l->count + 1);
    l->text[l->count++] = &d->modalities[m];
    return VENN_OK;
}

static venn_status choose_modalities(loading *l)
{
    const venn_description *d = l->file.d;
    const char *names[VENN_MODALITIES_MAX];
    for (unsigned m = 0; m < d->modality_count; m++)
        names[m] = d->modalities[m].parts.name;
    bool all = !l->params->modalities;
    l->count = all ? (int32_t)d->modality_count : l->params->modality_count;
    if (l->count < 1 || l->count > VENN_MODALITIES_MAX)
        return venn_fail(VENN_BAD_ARG, "%s: %d modalities are asked for", d->name, l->count);
    for (int32_t i = 0; i < l->count; i++) {
        int32_t m = i;
        if (!all)
            VENN_TRY(venn_find_name(d->name, l->params->modalities[i], names,
                                    (int32_t)d->modality_count, &m));
        l->text[i] = &d->modalities[m];
    }
    return add_tags(l, names);
}

static venn_status make_empty(loading *l)
{
    const venn_description *d = l->file.d;
    const char *names[VENN_MODALITIES_MAX];
    venn_shape shapes[VENN_MODALITIES_MAX];
    for (int32_t i = 0; i < l->count; i++) {
        names[i] = l->text[i]->parts.name;
        shapes[i] = venn_shape_make(l->text[i]->shape, (int)l->text[i]->shape_count);
    }
    if (d->classes)
        return venn_dataset_create(&l->dataset, d->name, (int32_t)d->class_count,
                                   (const char *const *)d->classes, l->count, names, shapes);
    char *path = venn_sources_path(&l->sources, d->class_file), **classes = NULL;
    int32_t n = 0;
    venn_status status = path ? venn_class_names_read(path, &classes, &n) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_dataset_create(&l->dataset, d->name, n, (const char *const *)classes,
                                     l->count, names, shapes);
    else
        venn_description_fail(&l->file, NULL, "class_file:", status);
    venn_class_names_free(classes, n);
    free(path);
    return status;
}

static venn_status list_split(loading *l, int s)
{
    const venn_parts *labels = &l->file.d->labels;
    venn_status status =
        venn_listing_make(&l->labels[s], &l->sources, labels->kind, labels->part[s], NULL);
    if (status < 0)
        return fail_part(l, labels, s, status);
    if (l->labels[s].n == 0)
        return fail_part(l, labels, s, venn_fail(VENN_BAD_FILE, "there is no pair"));
    for (int32_t i = 0; i < l->count; i++) {
        const venn_parts *parts = &l->text[i]->parts;
        status = venn_listing_make(&l->items[i][s], &l->sources, parts->kind, parts->part[s],
                                   l->text[i]);
        if (status < 0)
            return fail_part(l, parts, s, status);
        if (l->items[i][s].n != l->labels[s].n)
            return fail_part(l, parts, s,
                             venn_fail(VENN_BAD_FILE, "%zu pairs, but the labels have %zu",
                                       l->items[i][s].n, l->labels[s].n));
    }
    return VENN_OK;
}

// The name of a class, or its number.
static venn_status read_cell(const loading *l, const venn_listing *listing, uint32_t row,
                             int32_t *label)
{
    const char *cell = venn_csv_cell(listing->csv, row, listing->column);
    for (int32_t c = 0; c < l->dataset->class_count; c++)
        if (strcmp(l->dataset->classes[c], cell) == 0) {
            *label = c;
            return VENN_OK;
        }
    return venn_csv_int(listing->csv, row, listing->column, label);
}

// The label of an item of the labels' source.
static venn_status read_label(const loading *l, const venn_listing *listing, uint32_t item,
                              int32_t *label)
{
    const venn_array *array = listing->array;
    *label = 0;
    if (l->file.d->labels.kind == VENN_KIND_NONE)
        return VENN_OK;
    if (!array)
        return read_cell(l, listing, listing->chosen[item / listing->slices], label);
    const int64_t items = array->shape.rank ? array->shape.dim[0] : 0;
    const int64_t each = items ? venn_shape_count(&array->shape) / items : 0;
    const bool first = l->file.d->labels.first;
    if (array->dtype == VENN_F32 || each < 1 || (each > 1 && !l->file.d->labels.greatest && !first))
        return venn_fail(VENN_BAD_FILE, "%s: labels are one whole number per item", array->name);
    *label = first ? 0 : INT32_MIN;
    for (int64_t i = item * each; i < (item + 1) * each; i++) {
        const int32_t value =
            array->dtype == VENN_U8 ? ((uint8_t *)array->data)[i] : ((int32_t *)array->data)[i];
        if (first && value) {
            *label = (int32_t)(i - item * each);
            break;
        }
        if (!first)
            *label = value > *label ? value : *label;
    }
    return VENN_OK;
}

// labels: [n], in range.
static venn_status read_labels(const loading *l, int s, int32_t *labels)
{
    const venn_listing *listing = &l->labels[s];
    int32_t classes = l->dataset->class_count;
    for (size_t i = 0; i < listing->n; i++) {
        venn_status status = read_label(l, listing, listing->item[i], &labels[i]);
        if (status == VENN_OK && (labels[i] < 0 || labels[i] >= classes))
            status =
                venn_fail(VENN_BAD_FILE,
                          "label %d of pair %zu is out of range: there are %d classes, 0 to %d",
                          labels[i], i, classes, classes - 1);
        if (status < 0)
            return fail_part(l, &l->file.d->labels, s, status);
    }
    return VENN_OK;
}

static void keep_pairs(loading *l, int s, const venn_choice *keep)
{
    venn_listing_keep(&l->labels[s], keep->pair, keep->count);
    for (int32_t i = 0; i < l->count; i++)
        venn_listing_keep(&l->items[i][s], keep->pair, keep->count);
}

static venn_status copy_train(loading *l)
{
    VENN_TRY(venn_listing_copy(&l->labels[VENN_VALID], &l->labels[VENN_TRAIN]));
    for (int32_t i = 0; i < l->count; i++)
        VENN_TRY(venn_listing_copy(&l->items[i][VENN_VALID], &l->items[i][VENN_TRAIN]));
    return VENN_OK;
}

static venn_status take_validation(loading *l)
{
    const struct venn_validation *v = l->file.d->validation;
    size_t n = l->labels[VENN_TRAIN].n;
    int32_t *labels = venn_alloc(n, sizeof *labels);
    if (!labels)
        return VENN_NO_MEMORY;
    venn_choice train = {0}, valid = {0};
    venn_status status = read_labels(l, VENN_TRAIN, labels);
    if (status == VENN_OK) {
        status = venn_choose_valid(labels, n, l->dataset->class_count, v->fraction, v->seed,
                                   !v->plain, &train, &valid);
        if (status < 0)
            venn_description_fail(&l->file, NULL, "validation:", status);
    }
    if (status == VENN_OK)
        status = copy_train(l);
    if (status == VENN_OK) {
        keep_pairs(l, VENN_TRAIN, &train);
        keep_pairs(l, VENN_VALID, &valid);
    }
    free(labels);
    venn_choice_finish(&train);
    venn_choice_finish(&valid);
    return status;
}

static venn_status limit_split(loading *l, int s)
{
    const struct venn_limit *limit = l->file.d->limit;
    int64_t pairs = l->params->limit[s];
    if (pairs < 0)
        return venn_fail(VENN_BAD_ARG, "%s: a limit of %lld pairs", l->file.d->name,
                         (long long)pairs);
    if (!pairs && limit)
        pairs = limit->pairs[s];
    if (!pairs || l->labels[s].n <= (size_t)pairs)
        return VENN_OK;
    venn_choice keep;
    VENN_TRY(venn_choose_limit(l->labels[s].n, (size_t)pairs, limit ? limit->seed : 0, (uint32_t)s,
                               &keep));
    keep_pairs(l, s, &keep);
    venn_choice_finish(&keep);
    return VENN_OK;
}

static venn_status list_all(loading *l)
{
    const venn_description *d = l->file.d;
    for (int s = 0; s < VENN_SPLITS; s++)
        if (d->labels.part[s])
            VENN_TRY(list_split(l, s));
    if (d->validation)
        VENN_TRY(take_validation(l));
    for (int s = 0; s < VENN_SPLITS; s++) {
        VENN_TRY(limit_split(l, s));
        if (!l->labels[s].n)
            continue;
        VENN_TRY(venn_split_allocate(l->dataset, (venn_split_id)s, (int64_t)l->labels[s].n));
        VENN_TRY(read_labels(l, s, l->dataset->split[s].labels));
    }
    return VENN_OK;
}

static venn_status read_modality(loading *l, int32_t i, venn_items items[VENN_SPLITS],
                                 uint32_t *origin[VENN_SPLITS])
{
    const venn_parts *parts = &l->text[i]->parts;
    for (int s = 0; s < VENN_SPLITS; s++) {
        if (!l->labels[s].n)
            continue;
        venn_status status = venn_items_read(&items[s], &origin[s], &l->sources, &l->items[i][s],
                                             l->text[i], part_of(parts, s));
        if (status < 0)
            return fail_part(l, parts, s, status);
    }
    venn_status status = venn_items_prepare(&l->dataset->modalities[i], items, origin, l->text[i]);
    if (status < 0) {
        venn_fail_in(status, "modality %s", parts->name);
        return venn_description_fail(&l->file, parts->name, parts->name, status);
    }
    return VENN_OK;
}

static venn_status read_all(loading *l)
{
    for (int32_t i = 0; i < l->count; i++) {
        venn_items items[VENN_SPLITS] = {{0}};
        uint32_t *origin[VENN_SPLITS] = {0};
        venn_status status = read_modality(l, i, items, origin);
        for (int s = 0; s < VENN_SPLITS; s++) {
            free(origin[s]);
            if (status == VENN_OK && l->dataset->split[s].n)
                l->dataset->split[s].items[i] = items[s];
            else
                venn_items_finish(&items[s]);
        }
        VENN_TRY(status);
    }
    return VENN_OK;
}

// A target that is not asked for is not there.
static venn_status set_targets(loading *l)
{
    for (int32_t i = 0; i < l->count; i++) {
        const char *name = l->text[i]->parts.name, *target = l->text[i]->target;
        bool there = false;
        for (int32_t k = 0; target && k < l->count; k++)
            there |= strcmp(l->text[k]->parts.name, target) == 0;
        if (!target || (l->params->modalities && !there))
            continue;
        if (venn_dataset_set_target(l->dataset, name, target) < 0) {
            venn_fail_in(VENN_BAD_FILE, "target");
            return venn_description_fail(&l->file, name, "target:", VENN_BAD_FILE);
        }
    }
    return VENN_OK;
}

static venn_status set_tags(loading *l)
{
    const venn_description *d = l->file.d;
    l->dataset->score = d->score;
    if (!d->tags || venn_dataset_set_tags(l->dataset, d->tags) == VENN_OK)
        return VENN_OK;
    venn_fail_in(VENN_BAD_FILE, "tags");
    return venn_description_fail(&l->file, NULL, "tags:", VENN_BAD_FILE);
}

static venn_status load(loading *l)
{
    VENN_TRY(find_root(l));
    VENN_TRY(choose_modalities(l));
    VENN_TRY(make_empty(l));
    VENN_TRY(list_all(l));
    VENN_TRY(read_all(l));
    VENN_TRY(set_targets(l));
    VENN_TRY(set_tags(l));
    venn_dataset_hash(l->dataset);
    return VENN_OK;
}

static venn_status load_synthetic(venn_dataset **out, const char *source,
                                  const venn_dataset_params *params)
{
    bool limited = false;
    for (int s = 0; s < VENN_SPLITS; s++)
        limited |= params->limit[s] != 0;
    if (limited || params->modalities)
        return venn_fail(
            VENN_BAD_ARG,
            "%s is made to measure: set its sizes (train=, test=) instead of a limit or "
            "a choice of modalities",
            source);
    return venn_synthetic_make(out, source);
}

venn_status venn_dataset_load_described(venn_dataset **out, venn_description_file *file,
                                        const venn_dataset_params *params)
{
    loading *l = VENN_NEW(loading);
    if (!l) {
        venn_description_finish(file);
        return VENN_NO_MEMORY;
    }
    l->file = *file;
    l->params = params;
    venn_status status = load(l);
    for (int s = 0; s < VENN_SPLITS; s++) {
        venn_listing_finish(&l->labels[s]);
        for (int32_t i = 0; i < l->count; i++)
            venn_listing_finish(&l->items[i][s]);
    }
    venn_sources_finish(&l->sources);
    venn_description_finish(&l->file);
    if (status == VENN_OK)
        *out = l->dataset;
    else
        venn_dataset_destroy(&l->dataset);
    free(l);
    return status;
}

venn_status venn_dataset_load(venn_dataset **out, const char *source,
                              const venn_dataset_params *params)
{
    static const venn_dataset_params defaults;
    venn_description_file file;
    if (strncmp(source, VENN_SYNTHETIC_PREFIX, strlen(VENN_SYNTHETIC_PREFIX)) == 0)
        return load_synthetic(out, source, params ? params : &defaults);
    VENN_TRY(venn_description_read(&file, source));
    return venn_dataset_load_described(out, &file, params ? params : &defaults);
}

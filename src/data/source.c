// A list of what has been read, by path and way of reading, and the four steps from a part of the
// description to the item of each pair: items of the source, chosen rows, index, range.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/array_file.h"
#include "data/folder.h"
#include "data/source.h"

// How a file is read, besides its kind.
typedef struct reading {
    venn_sheet_params tile;
    venn_grams_params grams;
    int64_t width; // of grams
    bool by_item;  // of HDF5, instead of whole
} reading;

static const reading plainly;

struct venn_source {
    venn_source *next;
    char *path;
    reading how;
    bool listed;
    venn_array *array; // one of the three
    venn_csv csv;
    venn_hdf5 *hdf5;
};

static void free_source(venn_source *source)
{
    venn_csv_finish(&source->csv);
    venn_array_destroy(&source->array);
    venn_hdf5_close(&source->hdf5);
    free(source->path);
    free(source);
}

void venn_sources_finish(venn_sources *sources)
{
    while (sources->head) {
        venn_source *next = sources->head->next;
        free_source(sources->head);
        sources->head = next;
    }
    free(sources->root);
    *sources = (venn_sources){0};
}

char *venn_sources_path(const venn_sources *sources, const char *path)
{
    if (strcmp(sources->root, VENN_EMBEDDED_PREFIX) == 0 && path[0] != '/')
        return venn_format("%s%s", sources->root, path);
    return venn_path_join(sources->root, path);
}

static bool same_reading(const reading *a, const reading *b)
{
    return a->tile.height == b->tile.height && a->tile.width == b->tile.width &&
           a->tile.count == b->tile.count && a->tile.channels == b->tile.channels &&
           a->width == b->width && a->by_item == b->by_item && a->grams.column == b->grams.column &&
           a->grams.shortest == b->grams.shortest && a->grams.longest == b->grams.longest;
}

// Items of an HDF5 file are left in it; a MATLAB file of before it is small.
static venn_status open_named(venn_source *source)
{
    char *file, *name;
    VENN_TRY(venn_array_name_cut(source->path, &file, &name));
    venn_status status = venn_hdf5_is(file) ? venn_hdf5_open(&source->hdf5, file, name)
                                            : venn_named_array_read(&source->array, source->path);
    free(file);
    free(name);
    return status;
}

static venn_status read_source(venn_source *source, venn_kind kind)
{
    switch (kind) {
    case VENN_KIND_IDX:
        return venn_idx_read(&source->array, source->path);
    case VENN_KIND_NPY:
        return venn_npy_read(&source->array, source->path);
    case VENN_KIND_ARRAY:
        return venn_array_read(&source->array, source->path);
    case VENN_KIND_SHEET:
        return venn_sheet_read(&source->array, source->path, &source->how.tile);
    case VENN_KIND_TEXT:
        return venn_grams_read(&source->array, source->path, &source->how.grams, source->how.width);
    case VENN_KIND_HDF5:
        return source->how.by_item ? open_named(source)
                                   : venn_named_array_read(&source->array, source->path);
    case VENN_KIND_WAV:
    case VENN_KIND_CSV:
    case VENN_KIND_NPYS:
    case VENN_KIND_PICTURES:
    case VENN_KIND_VOLUMES:
    case VENN_KIND_NONE:
        return venn_is_folder(source->path) ? venn_folder_read(&source->csv, source->path)
                                            : venn_csv_read(&source->csv, source->path);
    }
    return venn_fail(VENN_BAD_ARG, "no such kind of source: %d", (int)kind);
}

static venn_status get_source(venn_sources *sources, venn_kind kind, const char *path,
                              const reading *how, const venn_source **out)
{
    char *full = venn_sources_path(sources, path);
    if (!full)
        return VENN_NO_MEMORY;
    bool listed = venn_kind_listed(kind);
    for (venn_source *s = sources->head; s; s = s->next)
        if (strcmp(s->path, full) == 0 && s->listed == listed && same_reading(&s->how, how)) {
            free(full);
            *out = s;
            return VENN_OK;
        }
    venn_source *source = VENN_NEW(venn_source);
    if (!source) {
        free(full);
        return VENN_NO_MEMORY;
    }
    source->path = full;
    source->how = *how;
    source->listed = listed;
    venn_status status = read_source(source, kind);
    if (status < 0) {
        free_source(source);
        return status;
    }
    source->next = sources->head;
    sources->head = source;
    *out = source;
    return VENN_OK;
}

static venn_status choose_rows(venn_listing *out, const venn_part *part)
{
    const char *const *where = (const char *const *)part->where;
    VENN_TRY(venn_csv_column(out->csv, part->column, &out->column));
    VENN_TRY(venn_csv_select(out->csv, where, part->where_count, &out->chosen, &out->item_count));
    if (out->item_count == 0)
        return venn_fail(VENN_BAD_FILE, "%s: no row fulfils `where`", out->csv->name);
    out->slices = part->slices ? (size_t)part->slices : 1;
    out->item_count *= out->slices;
    if (out->item_count > UINT32_MAX)
        return venn_fail(VENN_BAD_FILE, "%s: more than 2^32 items", out->csv->name);
    return VENN_OK;
}

static venn_status count_items(venn_listing *out, const venn_array *array)
{
    if (array->shape.rank == 0 || array->shape.dim[0] == 0)
        return venn_fail(VENN_BAD_FILE, "%s: the array holds no items", array->name);
    if (array->shape.dim[0] > UINT32_MAX)
        return venn_fail(VENN_BAD_FILE, "%s: more than 2^32 items", array->name);
    out->item_count = (size_t)array->shape.dim[0];
    return VENN_OK;
}

// item[] out of an index file: column `pick` of [n] or [n, k] whole numbers.
static venn_status take_index(venn_listing *out, const venn_array *index, const venn_part *part)
{
    char text[VENN_SHAPE_TEXT_MAX];
    int64_t width = index->shape.rank == 2 ? index->shape.dim[1] : 1;
    if (index->shape.rank < 1 || index->shape.rank > 2 || index->dtype == VENN_F32 ||
        part->pick >= width)
        return venn_fail(VENN_BAD_FILE,
                         "%s: is %s %s; an index is whole numbers [n] or [n, k], `pick` below k",
                         index->name, venn_dtype_name(index->dtype),
                         venn_shape_text(&index->shape, text, sizeof text));
    out->n = (size_t)index->shape.dim[0];
    out->item = venn_alloc(out->n, sizeof *out->item);
    if (!out->item)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < out->n; i++) {
        size_t at = i * (size_t)width + (size_t)part->pick;
        int64_t item =
            index->dtype == VENN_U8 ? ((uint8_t *)index->data)[at] : ((int32_t *)index->data)[at];
        if (item < part->base || item - part->base >= (int64_t)out->item_count)
            return venn_fail(
                VENN_BAD_FILE, "%s: pair %zu names item %lld of %zu, the first being %lld",
                index->name, i, (long long)item, out->item_count, (long long)part->base);
        out->item[i] = (uint32_t)(item - part->base);
    }
    return VENN_OK;
}

static venn_status take_all(venn_listing *out)
{
    out->n = out->item_count;
    out->item = venn_alloc(out->n, sizeof *out->item);
    if (!out->item)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < out->n; i++)
        out->item[i] = (uint32_t)i;
    return VENN_OK;
}

// "FILE=NUMBER" or "FILE!=NUMBER", cut in two at the sign. *file is malloc'd.
static venn_status parse_condition(const char *text, char **file, bool *equal, long *number)
{
    const char *sign = strchr(text, '=');
    char *end = NULL;
    if (sign)
        *number = strtol(sign + 1, &end, 10);
    if (!sign || sign == text || end == sign + 1 || *end)
        return venn_fail(VENN_BAD_FILE,
                         "where: \"%s\" is not FILE=NUMBER or FILE!=NUMBER, FILE holding one whole "
                         "number per item",
                         text);
    *equal = sign[-1] != '!';
    *file = venn_format("%.*s", (int)(sign - text) - !*equal, text);
    return *file ? VENN_OK : VENN_NO_MEMORY;
}

// Keeps the items whose number in `numbers` is (not) the wanted one.
static venn_status keep_where(venn_listing *out, const venn_array *numbers, bool equal, long wanted)
{
    if (numbers->dtype == VENN_F32 || numbers->shape.rank != 1 ||
        numbers->shape.dim[0] != (int64_t)out->item_count)
        return venn_fail(VENN_BAD_FILE, "%s: `where` needs one whole number per item, %zu of them",
                         numbers->name, out->item_count);
    size_t kept = 0;
    for (size_t i = 0; i < out->n; i++) {
        const uint32_t item = out->item[i];
        const long number = numbers->dtype == VENN_U8 ? ((uint8_t *)numbers->data)[item]
                                                      : ((int32_t *)numbers->data)[item];
        if ((number == wanted) == equal)
            out->item[kept++] = item;
    }
    out->n = kept;
    return VENN_OK;
}

static venn_status take_where(venn_listing *out, venn_sources *sources, const venn_part *part)
{
    VENN_TRY(take_all(out));
    for (unsigned i = 0; i < part->where_count; i++) {
        const venn_source *numbers;
        char *file = NULL;
        bool equal = true;
        long wanted = 0;
        VENN_TRY(parse_condition(part->where[i], &file, &equal, &wanted));
        venn_status status = get_source(sources, VENN_KIND_ARRAY, file, &plainly, &numbers);
        free(file);
        if (status == VENN_OK)
            status = keep_where(out, numbers->array, equal, wanted);
        VENN_TRY(status);
    }
    return out->n ? VENN_OK : venn_fail(VENN_BAD_FILE, "%s: no item fulfils `where`", part->file);
}

static venn_status cut_rows(venn_listing *out, const venn_part *part)
{
    size_t begin = (size_t)part->rows[0], end = (size_t)part->rows[1];
    if (end > out->n)
        return venn_fail(VENN_BAD_FILE, "%s: `rows` ends at %zu, but there are %zu pairs",
                         part->file, end, out->n);
    out->n = end - begin;
    memmove(out->item, out->item + begin, out->n * sizeof *out->item);
    return VENN_OK;
}

static venn_status make(venn_listing *out, venn_sources *sources, venn_kind kind,
                        const venn_part *part, const venn_modality_text *text)
{
    reading how = plainly;
    if (kind == VENN_KIND_NONE && !part->column)
        kind = VENN_KIND_ARRAY; // only its length counts
    if (text && text->tile)
        how.tile = *text->tile;
    if (text && text->grams) {
        how.grams = *text->grams;
        how.width = text->shape[0];
    }
    how.tile.count = part->count;
    how.by_item = text && kind == VENN_KIND_HDF5;
    const venn_source *source, *index;
    VENN_TRY(get_source(sources, kind, part->file, &how, &source));
    if (!source->listed) {
        out->array = source->array;
        out->hdf5 = source->hdf5;
        VENN_TRY(count_items(out, out->array ? out->array : venn_hdf5_head(out->hdf5)));
    } else {
        out->csv = &source->csv;
        VENN_TRY(choose_rows(out, part));
    }
    if (part->index) {
        VENN_TRY(get_source(sources, VENN_KIND_ARRAY, part->index, &plainly, &index));
        VENN_TRY(take_index(out, index->array, part));
    } else if (!source->listed && part->where) {
        VENN_TRY(take_where(out, sources, part));
    } else {
        VENN_TRY(take_all(out));
    }
    return part->rows ? cut_rows(out, part) : VENN_OK;
}

venn_status venn_listing_make(venn_listing *out, venn_sources *sources, venn_kind kind,
                              const venn_part *part, const venn_modality_text *text)
{
    *out = (venn_listing){0};
    venn_status status = make(out, sources, kind, part, text);
    if (status < 0)
        venn_listing_finish(out);
    return status;
}

venn_status venn_listing_copy(venn_listing *out, const venn_listing *listing)
{
    *out = *listing;
    size_t chosen = listing->chosen ? listing->item_count / listing->slices : 0;
    out->chosen = chosen ? venn_alloc(chosen, sizeof *out->chosen) : NULL;
    out->item = venn_alloc(listing->n, sizeof *out->item);
    if ((chosen && !out->chosen) || !out->item) {
        venn_listing_finish(out);
        return VENN_NO_MEMORY;
    }
    if (chosen)
        memcpy(out->chosen, listing->chosen, chosen * sizeof *out->chosen);
    memcpy(out->item, listing->item, listing->n * sizeof *out->item);
    return VENN_OK;
}

void venn_listing_finish(venn_listing *listing)
{
    free(listing->chosen);
    free(listing->item);
    *listing = (venn_listing){0};
}

void venn_listing_keep(venn_listing *listing, const uint32_t *keep, size_t count)
{
    // keep is ascending, so that nothing is overwritten before it is read.
    for (size_t i = 0; i < count; i++)
        listing->item[i] = listing->item[keep[i]];
    listing->n = count;
}

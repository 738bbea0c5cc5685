// From a listing to floats: items that pairs share are numbered once, then copied out of the
// source's array, or read from files of their own.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/class_names.h"
#include "data/items.h"
#include "data/listed_items.h"

// row[] and origin[]: the items in use, in the order of the source.
static venn_status number_items(venn_items *out, uint32_t **origin, const venn_listing *listing,
                                size_t *count)
{
    uint32_t *number = venn_alloc(listing->item_count, sizeof *number);
    out->row = venn_alloc(listing->n, sizeof *out->row);
    *origin = venn_alloc(listing->item_count, sizeof **origin);
    if (!number || !out->row || !*origin) {
        free(number);
        return VENN_NO_MEMORY;
    }
    for (size_t i = 0; i < listing->n; i++)
        number[listing->item[i]] = 1;
    *count = 0;
    for (size_t i = 0; i < listing->item_count; i++)
        if (number[i]) {
            (*origin)[*count] = (uint32_t)i;
            number[i] = (uint32_t)(*count)++;
        }
    for (size_t i = 0; i < listing->n; i++)
        out->row[i] = number[listing->item[i]];
    free(number);
    return VENN_OK;
}

venn_status venn_array_floats(const venn_array *array, size_t at, size_t size, double scale,
                              float *out)
{
    for (size_t i = 0; i < size; i++) {
        double value = array->dtype == VENN_U8    ? ((uint8_t *)array->data)[at + i]
                       : array->dtype == VENN_I32 ? ((int32_t *)array->data)[at + i]
                                                  : (double)((float *)array->data)[at + i];
        out[i] = (float)(value * scale);
        if (!isfinite(out[i]))
            return venn_fail(VENN_BAD_FILE, "%s: item %zu has a value that is not finite",
                             array->name, at / size);
    }
    return VENN_OK;
}

// Moves the axes of every item of out from the file's order into that of `shape`.
static venn_status order_axes(venn_items *out, const venn_modality_text *text)
{
    const int rank = (int)text->axes_count;
    const int64_t *shape = out->array->shape.dim + 1;
    int64_t stride[VENN_MAX_RANK], size = 1;
    // Axis i is the file's axis axes[i], within whose steps lie all of the file's later axes.
    for (int i = 0; i < rank; i++) {
        size *= shape[i];
        stride[i] = 1;
        for (int k = 0; k < rank; k++)
            if (text->axes[k] > text->axes[i])
                stride[i] *= shape[k];
    }
    float *item = venn_alloc((size_t)size, sizeof *item);
    if (!item)
        return VENN_NO_MEMORY;
    for (int64_t n = 0; n < out->array->shape.dim[0]; n++) {
        float *data = (float *)out->array->data + n * size;
        memcpy(item, data, (size_t)size * sizeof *item);
        for (int64_t to = 0; to < size; to++) {
            int64_t from = 0, rest = to;
            for (int i = rank; i-- > 0; rest /= shape[i])
                from += rest % shape[i] * stride[i];
            data[to] = item[from];
        }
    }
    free(item);
    return VENN_OK;
}

static venn_status check_size(const venn_array *array, size_t size)
{
    size_t found =
        venn_array_bytes(array) / venn_dtype_size(array->dtype) / (size_t)array->shape.dim[0];
    char text[VENN_SHAPE_TEXT_MAX];
    return found == size
               ? VENN_OK
               : venn_fail(VENN_BAD_SHAPE, "%s: is %s, %zu numbers per item, but `shape` has %zu",
                           array->name, venn_shape_text(&array->shape, text, sizeof text), found,
                           size);
}

// One item at a time: the file may be larger than memory.
static venn_status read_stored(venn_items *out, const uint32_t *origin, venn_hdf5 *hdf5,
                               double scale)
{
    const size_t count = (size_t)out->array->shape.dim[0];
    const size_t size = venn_array_bytes(out->array) / sizeof(float) / count;
    const venn_array *head = venn_hdf5_head(hdf5);
    VENN_TRY(check_size(head, size));
    venn_shape shape = head->shape;
    shape.dim[0] = 1;
    venn_array *item;
    VENN_TRY(venn_array_create(&item, head->name, head->dtype, shape));
    venn_status status = VENN_OK;
    for (size_t i = 0; i < count && status == VENN_OK; i++) {
        status = venn_hdf5_items(hdf5, origin[i], 1, item->data);
        if (status == VENN_OK)
            status = venn_array_floats(item, 0, size, scale, (float *)out->array->data + i * size);
        if (status < 0)
            venn_fail_in(status, "item %u", origin[i]);
    }
    venn_array_destroy(&item);
    return status;
}

static venn_status copy_items(venn_items *out, const uint32_t *origin, const venn_array *array,
                              double scale)
{
    size_t count = (size_t)out->array->shape.dim[0];
    size_t size = venn_array_bytes(out->array) / sizeof(float) / count;
    VENN_TRY(check_size(array, size));
    float *data = out->array->data;
    for (size_t i = 0; i < count; i++)
        VENN_TRY(venn_array_floats(array, origin[i] * size, size, scale, data + i * size));
    return VENN_OK;
}

static venn_status read_items(venn_items *out, uint32_t **origin, const venn_sources *sources,
                              const venn_listing *listing, const venn_modality_text *text,
                              const venn_part *part)
{
    double scale = text->scale != 0 ? text->scale : 1;
    size_t count = 0;
    VENN_TRY(number_items(out, origin, listing, &count));
    venn_shape shape = {.rank = 1 + (int)text->shape_count, .dim = {(int64_t)count}};
    memcpy(shape.dim + 1, text->shape, text->shape_count * sizeof *text->shape);
    VENN_TRY(venn_array_create(&out->array, text->parts.name, VENN_F32, shape));
    if (listing->array)
        VENN_TRY(copy_items(out, *origin, listing->array, scale));
    else if (listing->hdf5)
        VENN_TRY(read_stored(out, *origin, listing->hdf5, scale));
    else
        VENN_TRY(venn_listed_items_read(out->array, *origin, sources, listing, text, part));
    if (text->map)
        VENN_TRY(venn_class_map_apply(out->array, sources, text->map));
    return text->axes ? order_axes(out, text) : VENN_OK;
}

venn_status venn_items_read(venn_items *out, uint32_t **origin, const venn_sources *sources,
                            const venn_listing *listing, const venn_modality_text *text,
                            const venn_part *part)
{
    *out = (venn_items){0};
    *origin = NULL;
    venn_status status = read_items(out, origin, sources, listing, text, part);
    if (status < 0) {
        venn_items_finish(out);
        free(*origin);
        *origin = NULL;
    }
    return status;
}

void venn_items_finish(venn_items *items)
{
    if (!items->borrowed)
        venn_array_destroy(&items->array);
    free(items->row);
    *items = (venn_items){0};
}

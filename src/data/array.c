// Host arrays: creation checks the shape's arithmetic once, so that readers can rely on it.
#include <stdlib.h>

#include "base/status.h"
#include "venn/data.h"

static venn_status check_bytes(venn_dtype dtype, const venn_shape *shape, size_t *bytes)
{
    if (dtype != VENN_F32 && dtype != VENN_I32 && dtype != VENN_U8)
        return venn_fail(VENN_BAD_ARG, "a host array holds f32, i32 or u8, not type %d",
                         (int)dtype);
    int64_t count = venn_shape_count(shape);
    char text[VENN_SHAPE_TEXT_MAX];
    if (count < 0 || __builtin_mul_overflow((size_t)count, venn_dtype_size(dtype), bytes) ||
        *bytes > PTRDIFF_MAX)
        return venn_fail(VENN_BAD_SHAPE, "an array of shape %s does not fit in memory",
                         venn_shape_text(shape, text, sizeof text));
    return VENN_OK;
}

venn_status venn_array_create(venn_array **out, const char *name, venn_dtype dtype,
                              venn_shape shape)
{
    size_t bytes = 0;
    VENN_TRY(check_bytes(dtype, &shape, &bytes));
    venn_array *array = VENN_NEW(venn_array);
    if (!array)
        return VENN_NO_MEMORY;
    array->dtype = dtype;
    array->shape = shape;
    array->data = venn_alloc(bytes, 1);
    array->name = name ? venn_strdup(name) : NULL;
    if (!array->data || (name && !array->name)) {
        venn_array_destroy(&array);
        return VENN_NO_MEMORY;
    }
    *out = array;
    return VENN_OK;
}

void venn_array_destroy(venn_array **array)
{
    if (!array || !*array)
        return;
    free((*array)->data);
    free((*array)->name);
    free(*array);
    *array = NULL;
}

size_t venn_array_bytes(const venn_array *array)
{
    return (size_t)venn_shape_count(&array->shape) * venn_dtype_size(array->dtype);
}

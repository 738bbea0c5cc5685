// Element types and shapes.
#include <stdio.h>

#include "base/status.h"

size_t venn_dtype_size(venn_dtype dtype)
{
    static const size_t size[] = {4, 2, 2, 4, 1};
    return size[dtype];
}

const char *venn_dtype_name(venn_dtype dtype)
{
    static const char *const name[] = {"f32", "f16", "bf16", "i32", "u8"};
    return name[dtype];
}

venn_shape venn_shape_make(const int64_t *dim, int rank)
{
    venn_shape shape = {.rank = rank};
    for (int i = 0; i < rank && i < VENN_MAX_RANK; i++)
        shape.dim[i] = dim[i];
    return shape;
}

int64_t venn_shape_count(const venn_shape *shape)
{
    if (shape->rank < 0 || shape->rank > VENN_MAX_RANK)
        return -1;
    int64_t count = 1;
    bool empty = false;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] < 0)
            return -1;
        if (shape->dim[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(count, shape->dim[i], &count))
            return -1;
    }
    return empty ? 0 : count;
}

bool venn_shape_equal(const venn_shape *a, const venn_shape *b)
{
    if (a->rank != b->rank)
        return false;
    for (int i = 0; i < a->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return true;
}

char *venn_shape_text(const venn_shape *shape, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "[");
    for (int i = 0; i < shape->rank && i < VENN_MAX_RANK && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%lld", i ? ", " : "",
                                 (long long)shape->dim[i]);
    if (used < size)
        snprintf(text + used, size - used, "]");
    return text;
}

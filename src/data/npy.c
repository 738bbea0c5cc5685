// npy, read: a strict parser of the header's Python dictionary, then one conversion. Fortran order
// is transposed at the end, so that nothing behind this file knows of it.
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/array_file.h"
#include "data/element.h"

typedef struct npy_header {
    const char *at, *end; // the dictionary's text that is left
    char descr[16];
    bool has_descr, has_order, has_shape, fortran;
    venn_shape shape;
} npy_header;

static void skip_space(npy_header *h)
{
    while (h->at < h->end && (*h->at == ' ' || *h->at == '\n' || *h->at == '\t'))
        h->at++;
}

static bool take(npy_header *h, const char *word)
{
    skip_space(h);
    size_t length = strlen(word);
    if ((size_t)(h->end - h->at) < length || memcmp(h->at, word, length) != 0)
        return false;
    h->at += length;
    return true;
}

static bool take_string(npy_header *h, char *text, size_t size)
{
    skip_space(h);
    if (h->at == h->end || (*h->at != '\'' && *h->at != '"'))
        return false;
    char quote = *h->at++;
    size_t used = 0;
    while (h->at < h->end && *h->at != quote && used + 1 < size)
        text[used++] = *h->at++;
    text[used] = 0;
    return h->at < h->end && *h->at++ == quote;
}

static bool take_extent(npy_header *h, int64_t *value)
{
    skip_space(h);
    const char *start = h->at;
    for (*value = 0; h->at < h->end && *h->at >= '0' && *h->at <= '9'; h->at++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, *h->at - '0', value))
            return false;
    if (h->at == start)
        return false;
    take(h, "L"); // as Python 2 wrote long integers
    return true;
}

static bool take_shape(npy_header *h)
{
    if (!take(h, "("))
        return false;
    while (!take(h, ")")) {
        if (h->shape.rank == VENN_MAX_RANK || !take_extent(h, &h->shape.dim[h->shape.rank++]))
            return false;
        if (!take(h, ",")) // the comma may be missing only before the closing bracket
            return take(h, ")");
    }
    return true;
}

static bool take_entry(npy_header *h)
{
    char key[16];
    if (!take_string(h, key, sizeof key) || !take(h, ":"))
        return false;
    if (strcmp(key, "descr") == 0)
        return h->has_descr = take_string(h, h->descr, sizeof h->descr);
    if (strcmp(key, "fortran_order") == 0) {
        h->fortran = take(h, "True");
        return h->has_order = h->fortran || take(h, "False");
    }
    if (strcmp(key, "shape") == 0 && !h->has_shape)
        return h->has_shape = take_shape(h);
    return false;
}

static venn_status parse_dictionary(npy_header *h, const char *name)
{
    bool ok = take(h, "{");
    while (ok && !take(h, "}")) {
        ok = take_entry(h);
        if (ok && !take(h, ",")) {
            ok = take(h, "}");
            break;
        }
    }
    if (!ok || !h->has_descr || !h->has_order || !h->has_shape)
        return venn_fail(VENN_BAD_FILE,
                         "%s: the npy header is not understood; save a plain array of at most %d "
                         "dimensions with numpy.save",
                         name, VENN_MAX_RANK);
    return VENN_OK;
}

static venn_status parse_type(const npy_header *h, const char *name, venn_file_element *type,
                              venn_dtype *dtype)
{
    char order = h->descr[0], kind = order ? h->descr[1] : 0;
    bool known = strchr("<>|=", order) && order && kind && h->descr[2] >= '1' &&
                 h->descr[2] <= '8' && h->descr[3] == 0;
    if (known)
        *type = (venn_file_element){kind, h->descr[2] - '0', order == '>'};
    if (!known || !venn_file_element_dtype(*type, dtype))
        return venn_fail(VENN_BAD_FILE,
                         "%s: npy element type '%s' is not read; convert it to f4, i4 or u1", name,
                         h->descr);
    return VENN_OK;
}

// The preamble: magic, version, length of the dictionary. *offset is where the elements start.
static venn_status parse_preamble(npy_header *h, const char *name, const uint8_t *data, size_t size,
                                  size_t *offset)
{
    if (size < 8 || memcmp(data, "\x93NUMPY", 6) != 0)
        return venn_fail(VENN_BAD_FILE, "%s: not an npy file", name);
    int major = data[6];
    if (major < 1 || major > 3)
        return venn_fail(VENN_BAD_FILE, "%s: npy format %d.%d; 1.0 to 3.0 are read", name, major,
                         data[7]);
    size_t start = major == 1 ? 10 : 12;
    uint32_t length = 0;
    for (size_t i = start; size >= start && i-- > 8;)
        length = length << 8 | data[i];
    if (size < start || size - start < length)
        return venn_fail(VENN_BAD_FILE, "%s: truncated in the npy header", name);
    h->at = (const char *)data + start;
    h->end = h->at + length;
    *offset = start + length;
    return VENN_OK;
}

static venn_status transpose(venn_array *array)
{
    size_t bytes = venn_array_bytes(array), size = venn_dtype_size(array->dtype);
    int rank = array->shape.rank;
    uint8_t *sorted = venn_alloc(bytes, 1), *src = array->data;
    if (!sorted)
        return VENN_NO_MEMORY;
    int64_t index[VENN_MAX_RANK] = {0}, stride[VENN_MAX_RANK], step = 1, from = 0;
    for (int i = 0; i < rank; i++) { // the file's first dimension is its fastest
        stride[i] = step;
        step *= array->shape.dim[i];
    }
    for (size_t to = 0; to < bytes; to += size) {
        memcpy(sorted + to, src + (size_t)from * size, size);
        for (int i = rank; i-- > 0;) {
            from += stride[i];
            if (++index[i] < array->shape.dim[i])
                break;
            from -= stride[i] * index[i];
            index[i] = 0;
        }
    }
    free(array->data);
    array->data = sorted;
    return VENN_OK;
}

venn_status venn_npy_parse(venn_array **out, const char *name, const uint8_t *data, size_t size)
{
    npy_header header = {0};
    size_t offset = 0, bytes;
    venn_file_element type;
    venn_dtype dtype;
    VENN_TRY(parse_preamble(&header, name, data, size, &offset));
    VENN_TRY(parse_dictionary(&header, name));
    VENN_TRY(parse_type(&header, name, &type, &dtype));
    int64_t count = venn_shape_count(&header.shape);
    char text[VENN_SHAPE_TEXT_MAX];
    if (count < 0 || __builtin_mul_overflow((size_t)count, (size_t)type.size, &bytes) ||
        bytes != size - offset)
        return venn_fail(VENN_BAD_FILE,
                         "%s: the npy header says %s of %d bytes each, but %zu bytes follow; "
                         "save it again",
                         name, venn_shape_text(&header.shape, text, sizeof text), type.size,
                         size - offset);
    venn_array *array;
    VENN_TRY(venn_array_create(&array, name, dtype, header.shape));
    venn_status status =
        venn_file_element_convert(name, type, data + offset, (size_t)count, array->data);
    if (status == VENN_OK && header.fortran && header.shape.rank > 1)
        status = transpose(array);
    if (status < 0)
        venn_array_destroy(&array);
    else
        *out = array;
    return status;
}

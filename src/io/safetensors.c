// safetensors: 8 bytes of header length (little-endian), a JSON header, then the arrays' bytes back to
// back. The header is padded with spaces to 8 bytes, so that data starts aligned.
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "venn/io.h"

enum { MAX_HEADER = 100000000 };

struct venn_safetensors {
    char *file; // whole content; arrays point into it
    size_t n;
    venn_named_array *arrays;
    json_t *header;
};

static const struct {
    const char *name;
    venn_dtype dtype;
} types[] = {
    {"F32", VENN_F32}, {"F16", VENN_F16}, {"BF16", VENN_BF16}, {"I32", VENN_I32}, {"U8", VENN_U8}};

static uint64_t read_u64(const uint8_t *p)
{
    uint64_t value = 0;
    for (int i = 7; i >= 0; i--)
        value = value << 8 | p[i];
    return value;
}

static uint64_t array_bytes(const venn_named_array *array)
{
    return (uint64_t)venn_shape_count(&array->shape) * venn_dtype_size(array->dtype);
}

static venn_status no_memory(const char *path)
{
    return venn_fail(VENN_NO_MEMORY, "%s: out of host memory", path);
}

// ---- Checksum --------------------------------------------------------------------------------

static int by_name(const void *a, const void *b)
{
    const venn_named_array *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static venn_hash hash_array(const venn_named_array *a)
{
    int64_t words[3 + VENN_MAX_RANK] = {a->dtype, a->shape.rank};
    memcpy(words + 2, a->shape.dim, (size_t)a->shape.rank * sizeof *words);
    venn_hash hash = venn_hash_join(venn_hash_bytes(a->name, strlen(a->name)),
                                    venn_hash_bytes(words, sizeof words));
    return venn_hash_join(hash, venn_hash_bytes(a->data, array_bytes(a)));
}

// Over arrays and texts by name: the order in the file is nobody's concern. Texts but the checksum itself.
static bool checksum(const venn_named_array *arrays, size_t n, json_t *texts, char text[33])
{
    const venn_named_array **sorted = venn_alloc(n, sizeof *sorted);
    json_t *rest = texts ? json_copy(texts) : json_object();
    const bool all =
        json_object_size(rest) == json_object_size(texts); // or memory ran out half-way
    json_object_del(rest, VENN_CHECKSUM_KEY);
    char *dump = rest && all ? venn_json_text(rest, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    const bool ok = sorted && dump;
    if (ok) {
        venn_hash hash = venn_hash_bytes(dump, strlen(dump));
        for (size_t i = 0; i < n; i++)
            sorted[i] = &arrays[i];
        qsort(sorted, n, sizeof *sorted, by_name);
        for (size_t i = 0; i < n; i++)
            hash = venn_hash_join(hash, hash_array(sorted[i]));
        venn_hash_text(hash, text);
    }
    json_decref(rest);
    free(dump);
    free(sorted);
    return ok;
}

// ---- Write -----------------------------------------------------------------------------------

static json_t *describe(const venn_named_array *array, uint64_t offset)
{
    const char *type = NULL;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].dtype == array->dtype)
            type = types[i].name;
    json_t *shape = json_array();
    for (int i = 0; i < array->shape.rank; i++)
        venn_json_append(&shape, json_integer(array->shape.dim[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", type, "shape", shape, "data_offsets",
                     (json_int_t)offset, (json_int_t)(offset + array_bytes(array)));
}

// The texts, and the checksum of them and the arrays.
static venn_status make_texts(const char *path, const venn_named_array *arrays, size_t n,
                              const venn_metadata *metadata, size_t n_metadata, json_t **texts)
{
    char sum[33];
    errno = 0; // jansson fails for want of memory and of UTF-8 alike
    *texts = json_object();
    for (size_t i = 0; i < n_metadata; i++)
        json_object_set_new(*texts, metadata[i].key, json_string(metadata[i].value));
    if (json_object_size(*texts) != n_metadata)
        return errno == ENOMEM ? no_memory(path)
                               : venn_fail(VENN_BAD_ARG, "%s: texts must be distinct UTF-8", path);
    if (!checksum(arrays, n, *texts, sum))
        return no_memory(path);
    return json_object_set_new(*texts, VENN_CHECKSUM_KEY, json_string(sum)) == 0 ? VENN_OK
                                                                                 : no_memory(path);
}

static json_t *make_header(const venn_named_array *arrays, size_t n, json_t *texts,
                           uint64_t *data_bytes)
{
    json_t *header = json_pack("{s:O}", "__metadata__", texts);
    *data_bytes = 0;
    for (size_t i = 0; i < n; i++) {
        venn_json_set(&header, arrays[i].name, describe(&arrays[i], *data_bytes));
        *data_bytes += array_bytes(&arrays[i]);
    }
    return header;
}

venn_status venn_safetensors_write(const char *path, const venn_named_array *arrays, size_t n,
                                   const venn_metadata *metadata, size_t n_metadata)
{
    uint64_t data_bytes = 0;
    json_t *texts, *header = NULL;
    venn_status status = make_texts(path, arrays, n, metadata, n_metadata, &texts);
    errno = 0;
    if (status == VENN_OK)
        header = make_header(arrays, n, texts, &data_bytes);
    bool complete = header && json_object_size(header) == n + 1;
    char *text = complete ? venn_json_text(header, JSON_COMPACT) : NULL;
    json_decref(header);
    json_decref(texts);
    if (status < 0)
        return status;
    if (!text)
        return errno == ENOMEM
                   ? no_memory(path)
                   : venn_fail(VENN_BAD_ARG, "%s: array names must be distinct UTF-8", path);
    size_t length = strlen(text), padded = (length + 7) / 8 * 8;
    char *file = venn_alloc(1, 8 + padded + data_bytes);
    if (!file) {
        free(text);
        return VENN_NO_MEMORY;
    }
    for (int i = 0; i < 8; i++)
        file[i] = (char)(padded >> 8 * i & 0xff);
    memcpy(file + 8, text, length);
    memset(file + 8 + length, ' ', padded - length);
    char *p = file + 8 + padded;
    for (size_t i = 0; i < n; i++) {
        uint64_t bytes = array_bytes(&arrays[i]);
        if (bytes)
            memcpy(p, arrays[i].data, bytes);
        p += bytes;
    }
    status = venn_file_write(path, file, 8 + padded + data_bytes);
    free(file);
    free(text);
    return status;
}

// ---- Read ------------------------------------------------------------------------------------

static venn_status parse_shape(const char *path, const char *name, json_t *list, venn_shape *shape)
{
    *shape = (venn_shape){0};
    if (!json_is_array(list) || json_array_size(list) > VENN_MAX_RANK)
        return venn_fail(VENN_BAD_FILE, "%s: %s: the shape must be a list of at most %d extents",
                         path, name, VENN_MAX_RANK);
    shape->rank = (int)json_array_size(list);
    for (int i = 0; i < shape->rank; i++) {
        json_t *extent = json_array_get(list, (size_t)i);
        if (!json_is_integer(extent) || json_integer_value(extent) < 0)
            return venn_fail(VENN_BAD_FILE, "%s: %s: extents must be integers of at least 0", path,
                             name);
        shape->dim[i] = json_integer_value(extent);
    }
    return VENN_OK;
}

static venn_status parse_array(const char *path, const char *name, json_t *entry, const char *data,
                               uint64_t data_bytes, venn_named_array *array)
{
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    json_t *offsets = json_object_get(entry, "data_offsets");
    json_t *first = json_array_get(offsets, 0), *last = json_array_get(offsets, 1);
    bool known = false;
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, type) == 0) {
            array->dtype = types[i].dtype;
            known = true;
        }
    if (!known)
        return venn_fail(VENN_BAD_FILE, "%s: %s: type %s is not one of F32, F16, BF16, I32, U8",
                         path, name, type ? type : "(none)");
    VENN_TRY(parse_shape(path, name, json_object_get(entry, "shape"), &array->shape));
    if (json_array_size(offsets) != 2 || !json_is_integer(first) || !json_is_integer(last))
        return venn_fail(VENN_BAD_FILE, "%s: %s: data_offsets must be two integers", path, name);
    int64_t begin = json_integer_value(first), end = json_integer_value(last);
    int64_t count = venn_shape_count(&array->shape), bytes;
    if (begin < 0 || end < begin || (uint64_t)end > data_bytes)
        return venn_fail(VENN_BAD_FILE, "%s: %s: bytes %lld to %lld are outside the file's %llu",
                         path, name, (long long)begin, (long long)end,
                         (unsigned long long)data_bytes);
    if (count < 0 ||
        __builtin_mul_overflow(count, (int64_t)venn_dtype_size(array->dtype), &bytes) ||
        bytes != end - begin)
        return venn_fail(VENN_BAD_FILE, "%s: %s: shape and type need other than %lld bytes", path,
                         name, (long long)(end - begin));
    array->name = name;
    array->data = data + begin;
    return VENN_OK;
}

static int by_offset(const void *a, const void *b)
{
    const venn_named_array *x = a, *y = b;
    if (x->data != y->data)
        return (const char *)x->data < (const char *)y->data ? -1 : 1;
    // Empty arrays stand before the one that starts at the same byte.
    uint64_t bx = array_bytes(x), by = array_bytes(y);
    return bx < by ? -1 : bx > by;
}

static venn_status check_layout(const char *path, const venn_safetensors *file, const char *data,
                                uint64_t data_bytes)
{
    const char *end = data;
    for (size_t i = 0; i < file->n; i++) {
        if (file->arrays[i].data != end)
            return venn_fail(VENN_BAD_FILE, "%s: %s: the arrays overlap or leave a hole", path,
                             file->arrays[i].name);
        end += array_bytes(&file->arrays[i]);
    }
    if (end != data + data_bytes)
        return venn_fail(VENN_BAD_FILE, "%s: %llu bytes follow the last array", path,
                         (unsigned long long)(data + data_bytes - end));
    return VENN_OK;
}

static venn_status check_metadata(const char *path, json_t *metadata)
{
    const char *key;
    json_t *value;
    if (metadata && !json_is_object(metadata))
        return venn_fail(VENN_BAD_FILE, "%s: __metadata__ must be an object", path);
    json_object_foreach(metadata, key, value) if (!json_is_string(value)) return venn_fail(
        VENN_BAD_FILE, "%s: __metadata__: %s must be a text", path, key);
    return VENN_OK;
}

// Files of others have none.
static venn_status check_sum(const char *path, const venn_safetensors *file, json_t *metadata)
{
    const char *said = json_string_value(json_object_get(metadata, VENN_CHECKSUM_KEY));
    char found[33];
    if (!said)
        return VENN_OK;
    if (!checksum(file->arrays, file->n, metadata, found))
        return no_memory(path);
    return strcmp(said, found) == 0
               ? VENN_OK
               : venn_fail(
                     VENN_BAD_FILE,
                     "%s: its content is not what its checksum says (%s in its metadata): it is "
                     "damaged, or was changed by a program that kept the old checksum",
                     path, VENN_CHECKSUM_KEY);
}

static venn_status parse(venn_safetensors *file, const char *path, size_t size)
{
    if (size < 8)
        return venn_fail(VENN_BAD_FILE, "%s: %zu bytes are no safetensors file", path, size);
    uint64_t header = read_u64((const uint8_t *)file->file);
    if (header > MAX_HEADER || header > size - 8)
        return venn_fail(VENN_BAD_FILE,
                         "%s: a header of %llu bytes does not fit: the file is truncated "
                         "or no safetensors",
                         path, (unsigned long long)header);
    json_error_t error;
    if (venn_json_load(&file->header, file->file + 8, header, JSON_REJECT_DUPLICATES, &error) ==
        VENN_NO_MEMORY)
        return VENN_NO_MEMORY;
    if (!json_is_object(file->header))
        return venn_fail(VENN_BAD_FILE, "%s: the header is no JSON object: %s", path,
                         file->header ? "another type" : error.text);
    json_t *metadata = json_object_get(file->header, "__metadata__");
    VENN_TRY(check_metadata(path, metadata));
    file->arrays = venn_alloc(json_object_size(file->header), sizeof *file->arrays);
    if (!file->arrays)
        return VENN_NO_MEMORY;
    const char *data = file->file + 8 + header, *name;
    json_t *entry;
    json_object_foreach(file->header, name, entry) if (entry != metadata)
        VENN_TRY(parse_array(path, name, entry, data, size - 8 - header, &file->arrays[file->n++]));
    qsort(file->arrays, file->n, sizeof *file->arrays, by_offset);
    VENN_TRY(check_layout(path, file, data, size - 8 - header));
    return check_sum(path, file, metadata);
}

venn_status venn_safetensors_read(venn_safetensors **out, const char *path)
{
    *out = NULL;
    venn_safetensors *file = VENN_NEW(venn_safetensors);
    if (!file)
        return VENN_NO_MEMORY;
    size_t size;
    venn_status status = venn_file_read(path, 0, (void **)&file->file, &size);
    if (status == VENN_OK)
        status = parse(file, path, size);
    if (status < 0) {
        venn_safetensors_destroy(&file);
        return status;
    }
    *out = file;
    return VENN_OK;
}

void venn_safetensors_destroy(venn_safetensors **handle)
{
    venn_safetensors *file = *handle;
    if (!file)
        return;
    json_decref(file->header);
    free(file->arrays);
    free(file->file);
    free(file);
    *handle = NULL;
}

size_t venn_safetensors_count(const venn_safetensors *file)
{
    return file->n;
}

const venn_named_array *venn_safetensors_at(const venn_safetensors *file, size_t index)
{
    return index < file->n ? &file->arrays[index] : NULL;
}

const venn_named_array *venn_safetensors_find(const venn_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->n; i++)
        if (strcmp(file->arrays[i].name, name) == 0)
            return &file->arrays[i];
    return NULL;
}

const char *venn_safetensors_metadata(const venn_safetensors *file, const char *key)
{
    return json_string_value(json_object_get(json_object_get(file->header, "__metadata__"), key));
}

// The public readers: what a path holds handed to the parser of its format.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/array_file.h"
#include "data/blob.h"
#include "data/gunzip.h"
#include "data/hdf5.h"
#include "data/mat5.h"

typedef venn_status parse_fn(venn_array **out, const char *name, const uint8_t *data, size_t size);

venn_status venn_array_parse(venn_array **out, const char *name, const uint8_t *data, size_t size)
{
    if (size >= 6 && memcmp(data, "\x93NUMPY", 6) == 0)
        return venn_npy_parse(out, name, data, size);
    if (venn_is_gzip(data, size) || (size >= 2 && data[0] == 0 && data[1] == 0))
        return venn_idx_parse(out, name, data, size);
    return venn_fail(VENN_BAD_FILE, "%s: neither an npy nor an IDX file", name);
}

static venn_status read_with(parse_fn *parse, venn_array **out, const char *path)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(path, &blob));
    venn_status status = parse(out, path, blob.data, blob.size);
    venn_blob_finish(&blob);
    return status;
}

// MATLAB has no arrays of one axis.
static void drop_extent(venn_array *array, const char *file)
{
    char start[7] = "";
    venn_shape *shape = &array->shape;
    FILE *stream = fopen(file, "rb");
    const bool matlab = stream && fread(start, 1, 6, stream) == 6 && strcmp(start, "MATLAB") == 0;
    if (stream)
        fclose(stream);
    if (matlab && shape->rank == 2 && (shape->dim[0] == 1 || shape->dim[1] == 1))
        *shape = VENN_SHAPE(shape->dim[0] * shape->dim[1]);
}

static venn_status read_hdf5(venn_array **out, const char *file, const char *name)
{
    venn_hdf5 *h;
    VENN_TRY(venn_hdf5_open(&h, file, name));
    const venn_array *head = venn_hdf5_head(h);
    venn_status status = venn_array_create(out, head->name, head->dtype, head->shape);
    if (status == VENN_OK) {
        status = venn_hdf5_items(h, 0, head->shape.dim[0], (*out)->data);
        if (status < 0)
            venn_array_destroy(out);
        else
            drop_extent(*out, file);
    }
    venn_hdf5_close(&h);
    return status;
}

static venn_status read_mat5(venn_array **out, const char *file, const char *name)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(file, &blob));
    venn_status status = venn_mat5_parse(out, file, blob.data, blob.size, name);
    venn_blob_finish(&blob);
    return status;
}

venn_status venn_named_array_read(venn_array **out, const char *path)
{
    char *file, *name;
    *out = NULL;
    VENN_TRY(venn_array_name_cut(path, &file, &name));
    venn_status status =
        venn_hdf5_is(file) ? read_hdf5(out, file, name) : read_mat5(out, file, name);
    free(file);
    free(name);
    return status;
}

venn_status venn_array_read(venn_array **out, const char *path)
{
    const bool named = strchr(path, ':') && !venn_file_exists(path) &&
                       strncmp(path, VENN_EMBEDDED_PREFIX, strlen(VENN_EMBEDDED_PREFIX)) != 0;
    return named ? venn_named_array_read(out, path) : read_with(venn_array_parse, out, path);
}

venn_status venn_idx_read(venn_array **out, const char *path)
{
    return read_with(venn_idx_parse, out, path);
}

venn_status venn_npy_read(venn_array **out, const char *path)
{
    return read_with(venn_npy_parse, out, path);
}

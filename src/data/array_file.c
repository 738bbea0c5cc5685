// The public readers: a path's bytes handed to the parser of their format.
#include <string.h>

#include "base/status.h"
#include "data/array_file.h"
#include "data/blob.h"
#include "data/gunzip.h"

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

venn_status venn_array_read(venn_array **out, const char *path)
{
    return read_with(venn_array_parse, out, path);
}

venn_status venn_idx_read(venn_array **out, const char *path)
{
    return read_with(venn_idx_parse, out, path);
}

venn_status venn_npy_read(venn_array **out, const char *path)
{
    return read_with(venn_npy_parse, out, path);
}

// npy, written: format 1.0, the header padded so that the elements start on a 64-byte boundary.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "venn/data.h"

enum { NPY_HEADER = 192 }; // 64-byte multiple; six 19-digit extents fit

static void write_header(const venn_array *array, char header[NPY_HEADER])
{
    const char *descr = array->dtype == VENN_F32 ? "<f4" : array->dtype == VENN_I32 ? "<i4" : "|u1";
    memset(header, ' ', NPY_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(NPY_HEADER - 10);
    header[9] = 0;
    char text[NPY_HEADER];
    int used =
        snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
    for (int i = 0; i < array->shape.rank; i++)
        used += snprintf(text + used, sizeof text - (size_t)used, "%lld,%s",
                         (long long)array->shape.dim[i], i + 1 < array->shape.rank ? " " : "");
    used += snprintf(text + used, sizeof text - (size_t)used, ")}");
    memcpy(header + 10, text, (size_t)used);
    header[NPY_HEADER - 1] = '\n';
}

venn_status venn_npy_write(const venn_array *array, const char *path)
{
    size_t bytes = venn_array_bytes(array);
    char *file = venn_alloc(NPY_HEADER + bytes, 1);
    if (!file)
        return VENN_NO_MEMORY;
    write_header(array, file);
    memcpy(file + NPY_HEADER, array->data, bytes);
    venn_status status = venn_file_write(path, file, NPY_HEADER + bytes);
    free(file);
    return status;
}

venn_status venn_npy_put(const venn_array *array, FILE *file)
{
    char header[NPY_HEADER];
    size_t bytes = venn_array_bytes(array);
    write_header(array, header);
    if (fwrite(header, NPY_HEADER, 1, file) != 1 ||
        (bytes && fwrite(array->data, bytes, 1, file) != 1))
        return venn_fail(VENN_BAD_FILE, "an npy array of %zu bytes: %s", bytes, strerror(errno));
    return VENN_OK;
}

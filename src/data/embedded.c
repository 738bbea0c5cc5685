// Files compiled into the library, found by name, and the one way to read a file of either kind.
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "data/blob.h"
#include "data/embedded.h"

const char *venn_embedded_name(size_t index)
{
    for (const venn_embedded_row *row = venn_embedded_table; row->name; row++)
        if (index-- == 0)
            return row->name;
    return NULL;
}

bool venn_embedded_find(const char *name, const void **data, size_t *size)
{
    for (const venn_embedded_row *row = venn_embedded_table; row->name; row++)
        if (strcmp(row->name, name) == 0) {
            *data = row->begin;
            *size = (size_t)(row->end - row->begin);
            return true;
        }
    return false;
}

venn_status venn_blob_read(const char *path, venn_blob *out)
{
    size_t prefix = strlen(VENN_EMBEDDED_PREFIX);
    *out = (venn_blob){0};
    if (strncmp(path, VENN_EMBEDDED_PREFIX, prefix) == 0) {
        const void *data;
        if (!venn_embedded_find(path + prefix, &data, &out->size))
            return venn_fail(VENN_BAD_FILE, "%s: no such file is compiled in", path);
        out->data = data;
        return VENN_OK;
    }
    VENN_TRY(venn_file_read(path, 0, &out->owned, &out->size));
    out->data = out->owned;
    return VENN_OK;
}

void venn_blob_finish(venn_blob *blob)
{
    free(blob->owned);
    *blob = (venn_blob){0};
}

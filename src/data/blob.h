// The bytes of a file, wherever it is: on disk or compiled in ("embedded:NAME").
#ifndef VENN_DATA_BLOB_H
#define VENN_DATA_BLOB_H

#include "venn/base.h"

#define VENN_EMBEDDED_PREFIX "embedded:"

typedef struct venn_blob {
    const uint8_t *data; // size bytes and a zero behind them
    size_t size;
    void *owned; // NULL for an embedded file
} venn_blob;

venn_status venn_blob_read(const char *path, venn_blob *out);
void venn_blob_finish(venn_blob *blob);

#endif

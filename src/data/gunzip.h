// Decompression of gzip and zlib streams with a cap on what comes out.
#ifndef VENN_DATA_GUNZIP_H
#define VENN_DATA_GUNZIP_H

#include "venn/base.h"

bool venn_is_gzip(const void *data, size_t size);

// Decompresses up to `limit` bytes into malloc'd memory; *out_size < limit means the stream ended
// there, with a good checksum. Memory grows with what comes out, never with what a header promises.
venn_status venn_gunzip(const char *name, const void *data, size_t size, size_t limit, void **out,
                        size_t *out_size);

#endif

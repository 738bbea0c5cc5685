// gzip, and zlib streams, through zlib; several gzip members in a row are one stream, as gzip itself has it.
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/status.h"
#include "data/gunzip.h"

enum { GROW = 65536 };

bool venn_is_gzip(const void *data, size_t size)
{
    return size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0;
}

// Room for more output: doubled, but never past the limit.
static venn_status grow(void **out, size_t *room, size_t limit)
{
    size_t more = *room ? 2 * *room : GROW;
    if (more > limit)
        more = limit;
    void *memory = venn_resize(*out, more, 1);
    if (!memory)
        return VENN_NO_MEMORY;
    *out = memory;
    *room = more;
    return VENN_OK;
}

static venn_status inflate_all(const char *name, z_stream *stream, const uint8_t *data, size_t size,
                               size_t limit, void **out, size_t *out_size)
{
    size_t room = 0, used = 0, taken = 0;
    while (used < limit) {
        if (used == room)
            VENN_TRY(grow(out, &room, limit));
        size_t in = size - taken < GROW ? size - taken : GROW;
        size_t space = room - used < GROW ? room - used : GROW;
        stream->next_in = (uint8_t *)data + taken;
        stream->avail_in = (uInt)in;
        stream->next_out = (uint8_t *)*out + used;
        stream->avail_out = (uInt)space;
        int result = inflate(stream, Z_NO_FLUSH);
        taken += in - stream->avail_in;
        used += space - stream->avail_out;
        if (result == Z_STREAM_END) {
            if (taken == size)
                break;
            if (!venn_is_gzip(data + taken, size - taken))
                return venn_fail(VENN_BAD_FILE, "%s: %zu bytes follow the gzip stream", name,
                                 size - taken);
            inflateReset(stream);
        } else if (result == Z_BUF_ERROR && taken == size) {
            return venn_fail(VENN_BAD_FILE, "%s: the gzip stream is truncated; copy it again",
                             name);
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            return venn_fail(VENN_BAD_FILE, "%s: not a sound gzip stream (%s); copy it again", name,
                             stream->msg ? stream->msg : "no message");
        }
    }
    *out_size = used;
    return VENN_OK;
}

venn_status venn_gunzip(const char *name, const void *data, size_t size, size_t limit, void **out,
                        size_t *out_size)
{
    z_stream stream = {0};
    if (inflateInit2(&stream, 15 + 32) != Z_OK) // 32: a header of gzip or zlib
        return venn_fail(VENN_NO_MEMORY, "%s: out of host memory for gzip", name);
    void *memory = NULL;
    venn_status status = inflate_all(name, &stream, data, size, limit, &memory, out_size);
    inflateEnd(&stream);
    if (status < 0) {
        free(memory);
        return status;
    }
    *out = memory;
    return VENN_OK;
}

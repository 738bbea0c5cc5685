// Hashed n-grams of characters (see grams.h).
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/status.h"
#include "data/blob.h"
#include "data/grams.h"

typedef struct text {
    const char *name;
    const char *data;
    size_t size;
    venn_grams_params p;
    char *cell; // padded; room for the longest line
} text;

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

// The cell of the line at `at`, in t->cell; its size, or SIZE_MAX if the line has no such column.
static size_t take_cell(const text *t, const char *at, const char *end)
{
    for (int32_t c = 0; c < t->p.column; c++) {
        const char *tab = memchr(at, '\t', (size_t)(end - at));
        if (!tab)
            return SIZE_MAX;
        at = tab + 1;
    }
    const char *tab = memchr(at, '\t', (size_t)(end - at));
    size_t size = 0;
    t->cell[size++] = ' ';
    for (end = tab ? tab : end; at < end; at++)
        t->cell[size++] = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
    t->cell[size++] = ' ';
    return size;
}

static void count_grams(const text *t, size_t size, float *count, int64_t width)
{
    double squares = 0;
    for (size_t from = 0; from < size; from++) {
        size_t to = from;
        if (!begins_character(t->cell[from]))
            continue;
        for (int32_t n = 1; n <= t->p.longest && to < size; n++) {
            do
                to++;
            while (to < size && !begins_character(t->cell[to]));
            if (n >= t->p.shortest)
                count[venn_hash_bytes(t->cell + from, to - from).low % (uint64_t)width]++;
        }
    }
    for (int64_t i = 0; i < width; i++)
        squares += (double)count[i] * (double)count[i];
    for (int64_t i = 0; i < width && squares > 0; i++)
        count[i] = (float)((double)count[i] / sqrt(squares));
}

static const char *line_end(const text *t, const char *at)
{
    const char *end = memchr(at, '\n', (size_t)(t->data + t->size - at));
    return end ? end : t->data + t->size;
}

static int64_t count_lines(const text *t, size_t *longest)
{
    int64_t lines = 0;
    *longest = 0;
    for (const char *at = t->data, *end; at < t->data + t->size; at = end + 1, lines++) {
        end = line_end(t, at);
        *longest = (size_t)(end - at) > *longest ? (size_t)(end - at) : *longest;
    }
    return lines;
}

static venn_status fill(const text *t, float *counts, int64_t width)
{
    int64_t line = 0;
    for (const char *at = t->data, *end; at < t->data + t->size; at = end + 1, line++) {
        end = line_end(t, at);
        const size_t size = take_cell(t, at, end > at && end[-1] == '\r' ? end - 1 : end);
        if (size == SIZE_MAX)
            return venn_fail(VENN_BAD_FILE, "%s:%lld: there is no column %d; tabs divide columns",
                             t->name, (long long)line + 1, t->p.column);
        count_grams(t, size, counts + line * width, width);
    }
    return VENN_OK;
}

venn_status venn_grams_parse(venn_array **out, const char *name, const uint8_t *data, size_t size,
                             const venn_grams_params *params, int64_t width)
{
    text t = {.name = name, .data = (const char *)data, .size = size, .p = *params};
    size_t longest;
    t.p.shortest = t.p.shortest ? t.p.shortest : 1;
    t.p.longest = t.p.longest ? t.p.longest : 3;
    const int64_t lines = count_lines(&t, &longest);
    if (!lines)
        return venn_fail(VENN_BAD_FILE, "%s: there is no line in it", name);
    VENN_TRY(venn_array_create(out, name, VENN_F32, VENN_SHAPE(lines, width)));
    t.cell = venn_alloc(longest + 2, 1);
    const venn_status status = t.cell ? fill(&t, (*out)->data, width) : VENN_NO_MEMORY;
    free(t.cell);
    if (status < 0)
        venn_array_destroy(out);
    return status;
}

venn_status venn_grams_read(venn_array **out, const char *path, const venn_grams_params *params,
                            int64_t width)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(path, &blob));
    const venn_status status = venn_grams_parse(out, path, blob.data, blob.size, params, width);
    venn_blob_finish(&blob);
    return status;
}

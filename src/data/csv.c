// CSV: cells are unquoted in place, in one copy of the file; a table of pointers finds them.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "data/blob.h"
#include "data/csv.h"

typedef struct csv_scan {
    venn_csv *csv;
    char *at, *end;
    size_t cells, room, line;
} csv_scan;

static venn_status add_cell(csv_scan *s, char *cell)
{
    if (s->cells == s->room) {
        size_t room = s->room ? 2 * s->room : 64;
        char **more = venn_resize(s->csv->cell, room, sizeof *more);
        if (!more)
            return VENN_NO_MEMORY;
        s->csv->cell = more;
        s->room = room;
    }
    s->csv->cell[s->cells++] = cell;
    return VENN_OK;
}

// Unquotes the cell at s->at in place, and leaves s->at on what ends it: a comma, a line end, or
// the end of the text. *last: it is its row's last.
static venn_status scan_cell(csv_scan *s, bool *last)
{
    char *start = s->at, *to = s->at;
    size_t line = s->line;
    if (s->at < s->end && *s->at == '"') {
        for (s->at++;; *to++ = *s->at++) {
            if (s->at == s->end)
                return venn_fail(VENN_BAD_FILE, "%s:%zu: the quote is never closed", s->csv->name,
                                 line);
            if (*s->at == '\n')
                s->line++;
            if (*s->at == '"' && (s->at + 1 == s->end || s->at[1] != '"'))
                break;
            if (*s->at == '"')
                s->at++;
        }
        s->at++;
        if (s->at < s->end && !strchr(",\r\n", *s->at))
            return venn_fail(VENN_BAD_FILE, "%s:%zu: text follows a closing quote", s->csv->name,
                             s->line);
    } else {
        while (s->at < s->end && *s->at != ',' && *s->at != '\r' && *s->at != '\n')
            s->at++;
        to = s->at;
    }
    VENN_TRY(add_cell(s, start));
    char stop = s->at < s->end ? *s->at : 0;
    *to = 0; // may overwrite the stop, which is therefore kept
    s->at += stop == ',';
    if (stop == '\r' && s->at + 1 < s->end && s->at[1] == '\n')
        s->at++;
    *last = stop != ',';
    s->at += *last && stop != 0;
    return VENN_OK;
}

static venn_status scan_row(csv_scan *s)
{
    size_t before = s->cells, line = s->line;
    for (bool last = false; !last;)
        VENN_TRY(scan_cell(s, &last));
    s->line++;
    size_t found = s->cells - before;
    if (s->csv->columns == 0)
        s->csv->columns = found;
    else if (found == 1 && s->csv->columns != 1 && s->csv->cell[before][0] == 0)
        s->cells = before; // an empty line
    else if (found != s->csv->columns)
        return venn_fail(VENN_BAD_FILE, "%s:%zu: %zu cells where the header has %zu", s->csv->name,
                         line, found, s->csv->columns);
    return VENN_OK;
}

static venn_status scan_all(csv_scan *s)
{
    if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0)
        s->at += 3; // a byte order mark
    if (s->at == s->end)
        return venn_fail(VENN_BAD_FILE, "%s: empty; a header line is needed", s->csv->name);
    if (memchr(s->at, 0, (size_t)(s->end - s->at)))
        return venn_fail(VENN_BAD_FILE, "%s: not a text file", s->csv->name);
    while (s->at < s->end)
        VENN_TRY(scan_row(s));
    s->csv->rows = s->cells / s->csv->columns - 1;
    if (s->csv->rows > UINT32_MAX)
        return venn_fail(VENN_BAD_FILE, "%s: more than 2^32 rows", s->csv->name);
    return VENN_OK;
}

venn_status venn_csv_parse(venn_csv *out, const char *name, const uint8_t *data, size_t size)
{
    venn_csv csv = {.name = venn_strdup(name), .text = venn_alloc(size + 1, 1)};
    if (!csv.name || !csv.text) {
        venn_csv_finish(&csv);
        return VENN_NO_MEMORY;
    }
    if (size)
        memcpy(csv.text, data, size);
    csv_scan scan = {.csv = &csv, .at = csv.text, .end = csv.text + size, .line = 1};
    venn_status status = scan_all(&scan);
    if (status < 0)
        venn_csv_finish(&csv);
    else
        *out = csv;
    return status;
}

venn_status venn_csv_read(venn_csv *out, const char *path)
{
    venn_blob blob;
    VENN_TRY(venn_blob_read(path, &blob));
    venn_status status = venn_csv_parse(out, path, blob.data, blob.size);
    venn_blob_finish(&blob);
    return status;
}

void venn_csv_finish(venn_csv *csv)
{
    free(csv->name);
    free(csv->text);
    free(csv->cell);
    *csv = (venn_csv){0};
}

const char *venn_csv_cell(const venn_csv *csv, size_t row, size_t column)
{
    return csv->cell[(row + 1) * csv->columns + column];
}

static venn_status find_column(const venn_csv *csv, const char *title, size_t length,
                               size_t *column)
{
    for (size_t c = 0; c < csv->columns; c++)
        if (strlen(csv->cell[c]) == length && memcmp(csv->cell[c], title, length) == 0) {
            *column = c;
            return VENN_OK;
        }
    char titles[256] = "";
    for (size_t c = 0, used = 0; c < csv->columns && used < sizeof titles - 1; c++) {
        size_t room = sizeof titles - used;
        int wrote = snprintf(titles + used, room, "%s%s", c ? ", " : "", csv->cell[c]);
        used += wrote < (int)room ? (size_t)wrote : room - 1;
    }
    return venn_fail(VENN_BAD_FILE, "%s: no column '%.*s'; there are: %s", csv->name, (int)length,
                     title, titles);
}

venn_status venn_csv_column(const venn_csv *csv, const char *title, size_t *column)
{
    return find_column(csv, title, strlen(title), column);
}

typedef struct condition {
    size_t column;
    bool equal;
    const char *value;
} condition;

static venn_status parse_condition(const venn_csv *csv, const char *text, condition *out)
{
    const char *sign = strchr(text, '=');
    if (!sign || sign == text)
        return venn_fail(VENN_BAD_FILE,
                         "%s: the condition '%s' is neither title=value nor "
                         "title!=value",
                         csv->name, text);
    out->equal = sign[-1] != '!';
    out->value = sign + 1;
    return find_column(csv, text, (size_t)(sign - text) - !out->equal, &out->column);
}

venn_status venn_csv_select(const venn_csv *csv, const char *const *where, size_t where_count,
                            uint32_t **rows, size_t *count)
{
    uint32_t *chosen = venn_alloc(csv->rows, sizeof *chosen);
    if (!chosen)
        return VENN_NO_MEMORY;
    for (size_t row = 0; row < csv->rows; row++)
        chosen[row] = (uint32_t)row;
    size_t kept = csv->rows;
    for (size_t w = 0; w < where_count; w++) {
        condition test;
        venn_status status = parse_condition(csv, where[w], &test);
        if (status < 0) {
            free(chosen);
            return status;
        }
        size_t before = kept;
        kept = 0;
        for (size_t i = 0; i < before; i++) {
            const char *cell = venn_csv_cell(csv, chosen[i], test.column);
            if ((strcmp(cell, test.value) == 0) == test.equal)
                chosen[kept++] = chosen[i];
        }
    }
    *rows = chosen;
    *count = kept;
    return VENN_OK;
}

venn_status venn_csv_int(const venn_csv *csv, size_t row, size_t column, int32_t *value)
{
    const char *cell = venn_csv_cell(csv, row, column);
    char *end;
    errno = 0;
    long number = strtol(cell, &end, 10);
    if (end == cell || *end || errno || number < INT32_MIN || number > INT32_MAX)
        return venn_fail(VENN_BAD_FILE, "%s: row %zu, column '%s': '%s' is not a whole number",
                         csv->name, row + 1, csv->cell[column], cell);
    *value = (int32_t)number;
    return VENN_OK;
}

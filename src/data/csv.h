// CSV files with a header line (RFC 4180: quotes, doubled quotes, line ends within quotes), and the
// rows of them that conditions choose.
#ifndef VENN_DATA_CSV_H
#define VENN_DATA_CSV_H

#include "venn/base.h"

typedef struct venn_csv {
    char *name;           // the file, for messages
    char *text;           // all cells, each with a terminator
    char **cell;          // row after row, the header first
    size_t columns, rows; // rows without the header
} venn_csv;

// VENN_BAD_FILE, with the line, if a quote is not closed or a row is not as long as the header.
venn_status venn_csv_parse(venn_csv *out, const char *name, const uint8_t *data, size_t size);
venn_status venn_csv_read(venn_csv *out, const char *path);
void venn_csv_finish(venn_csv *csv);

const char *venn_csv_cell(const venn_csv *csv, size_t row, size_t column);
// VENN_BAD_FILE, naming the columns there are, if `title` is none of them.
venn_status venn_csv_column(const venn_csv *csv, const char *title, size_t *column);

// The rows for which every condition holds, in order: "title=value" or "title!=value". *rows is
// malloc'd.
venn_status venn_csv_select(const venn_csv *csv, const char *const *where, size_t where_count,
                            uint32_t **rows, size_t *count);

// A cell that is a whole number; VENN_BAD_FILE otherwise.
venn_status venn_csv_int(const venn_csv *csv, size_t row, size_t column, int32_t *value);

#endif

// venn_report_write, venn_summary_table and venn_run_json: read the folder, write page, table or file whole.
#include <locale.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "io/report.h"
#include "venn/io.h"

// ---- Table for a terminal --------------------------------------------------------------------

static void write_rows(FILE *out, const venn_report_row *rows, size_t n)
{
    size_t width[VENN_REPORT_COLUMNS] = {0};
    for (size_t i = 0; i < n; i++)
        for (int column = 0; column < VENN_REPORT_COLUMNS; column++) {
            size_t cell = venn_report_width(rows[i].cell[column]);
            width[column] = cell > width[column] ? cell : width[column];
        }
    for (size_t i = 0; i < n; i++) {
        size_t owed = 0; // spaces due before the next text: none are left at a line's end
        for (int column = 0; column < VENN_REPORT_COLUMNS; column++) {
            const char *cell = rows[i].cell[column];
            size_t rest = width[column] - venn_report_width(cell);
            // Counts are compared by their length.
            bool right = column == 4;
            owed += right ? rest : 0;
            if (*cell) {
                fprintf(out, "%*s%s", (int)owed, "", cell);
                owed = 0;
            }
            owed += 3 + (right ? 0 : rest);
        }
        fputc('\n', out);
    }
}

static void write_measures(FILE *out, const venn_report *report, size_t stage)
{
    const json_t *measures = venn_report_measures(report, stage);
    for (size_t i = 0; i < json_array_size(measures); i++) {
        const json_t *measure = json_array_get(measures, i);
        const char *name = json_string_value(json_object_get(measure, "name"));
        fprintf(out, "%s: %s ", report->stages[stage].name, name ? name : "");
        venn_report_measure_value(out, measure);
        fputc('\n', out);
    }
    if (json_array_size(measures))
        fputc('\n', out);
}

static venn_status write_table(FILE *out, const venn_report *report)
{
    size_t made = 0, n = report->n_stages + 1;
    venn_report_row *rows = venn_alloc(n, sizeof *rows);
    if (!rows)
        return VENN_NO_MEMORY;
    venn_status status = VENN_OK;
    for (; status == VENN_OK && made < n; made += status == VENN_OK)
        status = venn_report_row_make(&rows[made], report, made ? &report->stages[made - 1] : NULL);
    if (status == VENN_OK) {
        write_rows(out, rows, n);
        fputc('\n', out);
        for (size_t i = 0; i < report->n_stages; i++)
            write_measures(out, report, i);
        venn_report_verdict(out, report);
        fputc('\n', out);
    }
    while (made)
        venn_report_row_free(&rows[--made]);
    free(rows);
    return status;
}

// ---- Entry -----------------------------------------------------------------------------------

venn_status venn_report_render(venn_report_write_fn *write, const void *user, const char *what,
                               char **text, size_t *size)
{
    locale_t plain = newlocale(LC_NUMERIC_MASK, "C", 0);
    locale_t former = plain ? uselocale(plain) : 0;
    *text = NULL;
    FILE *out = open_memstream(text, size);
    venn_status status = out && plain ? write(out, user) : VENN_NO_MEMORY;
    bool complete = out && !ferror(out);
    if (out && fclose(out) != 0)
        complete = false;
    if (plain) {
        uselocale(former);
        freelocale(plain);
    }
    if (status == VENN_OK && !complete)
        status = VENN_NO_MEMORY;
    if (status == VENN_NO_MEMORY)
        venn_fail(status, "%s: out of host memory for the report", what);
    if (status < 0) {
        free(*text);
        *text = NULL;
    }
    return status;
}

static venn_status page(FILE *out, const void *user)
{
    return venn_report_page(out, user);
}

static venn_status table(FILE *out, const void *user)
{
    return write_table(out, user);
}

static venn_status render(venn_report_write_fn *write, const char *folder, char **text,
                          size_t *size)
{
    venn_report report;
    VENN_TRY(venn_report_read(&report, folder));
    venn_status status = venn_report_render(write, &report, folder, text, size);
    venn_report_free(&report);
    return status;
}

venn_status venn_report_write(const char *run_folder)
{
    char *text = NULL;
    size_t size;
    VENN_TRY(render(page, run_folder, &text, &size));
    char *path = venn_path_join(run_folder, "report.html");
    venn_status status = path ? venn_file_write(path, text, size) : VENN_NO_MEMORY;
    free(path);
    free(text);
    return status;
}

venn_status venn_summary_table(const char *run_folder, char **text)
{
    size_t size;
    *text = NULL;
    return render(table, run_folder, text, &size);
}

venn_status venn_run_json(const char *run_folder, const char *name, char **text)
{
    *text = NULL;
    char *path = venn_path_join(run_folder, name);
    if (!path)
        return VENN_NO_MEMORY;
    json_t *object;
    venn_status status = venn_json_read(&object, path, JSON_REJECT_DUPLICATES);
    if (status == VENN_OK && !json_is_object(object))
        status = venn_fail(VENN_BAD_FILE, "%s: is no JSON object", path);
    if (status == VENN_OK) {
        venn_json_set(&object, "folder", json_string(run_folder));
        *text = venn_json_text(object, JSON_INDENT(2));
        status = *text ? VENN_OK : VENN_NO_MEMORY;
    }
    json_decref(object);
    free(path);
    return status;
}

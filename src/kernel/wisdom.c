// Wisdom files: what `venn tune` measured, as text. The first line says what it is; then come the device,
// driver version and kernels that it was measured with; then a line for each class of problems:
//   gemm | matmul.nn m9 n9 k9 | rows=32 step=8 panels=0 | 3980.1 4123.0
// that is tunable, class, choice, and microseconds with it and by the op's rule; "end" is the last line.
// Anything else about the file drops it whole: half a file is no wisdom. Shipped rows name a driver in place
// of the three.
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "kernel/kernel.h"
#include "kernel/tuning.h"

#define FIRST_LINE "venn wisdom 1"
#define LAST_LINE "end"
enum { LINE = 256, FIELDS = 4, MOST_BYTES = 1 << 20 };

typedef struct reader {
    const char *name, *at;
    int line;
    char text[LINE];
    const venn_device_info *device;
    venn_tuned_rows *rows;
} reader;

static venn_status refuse(const reader *r, const char *what)
{
    return venn_fail(VENN_BAD_FILE, "%s, line %d: %s: \"%.60s\"", r->name, r->line, what, r->text);
}

// The next line that is neither empty nor a comment; false at the end.
static bool next_line(reader *r)
{
    while (*r->at) {
        const size_t length = strcspn(r->at, "\n");
        snprintf(r->text, sizeof r->text, "%.*s", (int)(length < LINE ? length : LINE - 1), r->at);
        r->at += length + (r->at[length] != 0);
        r->line++;
        if (*r->text && *r->text != '#')
            return true;
    }
    snprintf(r->text, sizeof r->text, "end of file");
    return false;
}

static venn_status expect(reader *r, const char *line, const char *what)
{
    return next_line(r) && strcmp(r->text, line) == 0 ? VENN_OK : refuse(r, what);
}

static venn_status read_head(reader *r)
{
    char line[LINE];
    VENN_TRY(expect(r, FIRST_LINE, "not a wisdom file of this version"));
    if (!r->device)
        return next_line(r) && strncmp(r->text, "driver ", 7) == 0
                   ? VENN_OK
                   : refuse(r, "the driver was expected");
    snprintf(line, sizeof line, "device %s", r->device->uuid_text);
    VENN_TRY(expect(r, line, "measured on another device"));
    snprintf(line, sizeof line, "driver %" PRIu32, r->device->driver_version);
    VENN_TRY(expect(r, line, "measured with another driver version"));
    snprintf(line, sizeof line, "shaders %s", venn_shader_hash());
    return expect(r, line, "measured with other kernels of venn");
}

static char *trim(char *text)
{
    text += strspn(text, " ");
    for (size_t n = strlen(text); n && text[n - 1] == ' '; n--)
        text[n - 1] = 0;
    return text;
}

venn_status venn_tuned_rows_add(venn_tuned_rows *rows, const venn_tuned_row *row)
{
    venn_tuned_row *more = venn_resize(rows->row, rows->n + 1, sizeof *more);
    if (!more)
        return VENN_NO_MEMORY;
    rows->row = more;
    rows->row[rows->n++] = *row;
    return VENN_OK;
}

static venn_status read_row(reader *r)
{
    char copy[LINE], *rest = copy, *field[FIELDS], tail;
    memcpy(copy, r->text, sizeof copy);
    for (int i = 0; i < FIELDS; i++) {
        if (!rest)
            return refuse(r, "four fields between | were expected");
        field[i] = trim(strsep(&rest, "|"));
    }
    venn_tuned_row row = {.tunable = venn_tuning_find(field[0])};
    if (rest || !row.tunable || strlen(field[1]) >= sizeof row.class || !*field[1])
        return refuse(r, "not a row of anything that can be tuned");
    snprintf(row.class, sizeof row.class, "%s", field[1]);
    for (int k = 0; k < row.tunable->n_knobs; k++)
        row.choice[k] = UINT32_MAX;
    if (venn_tuning_read_choice(row.tunable, field[2], row.choice) < 0)
        return refuse(r, "no such choice");
    for (int k = 0; k < row.tunable->n_knobs; k++)
        if (row.choice[k] == UINT32_MAX)
            return refuse(r, "the choice is not complete");
    if (sscanf(field[3], "%lf %lf %c", &row.us, &row.rule_us, &tail) != 2 || !(row.us > 0) ||
        !(row.rule_us > 0))
        return refuse(r, "two times were expected");
    return venn_tuned_rows_add(r->rows, &row);
}

static bool is_whole(const char *text)
{
    static const char tail[] = "\n" LAST_LINE "\n";
    const size_t n = strlen(text);
    return n >= sizeof tail - 1 && strcmp(text + n - (sizeof tail - 1), tail) == 0;
}

venn_status venn_wisdom_parse(const char *name, const char *text, const venn_device_info *device,
                              venn_tuned_rows *rows)
{
    reader r = {.name = name, .at = text, .device = device, .rows = rows};
    *rows = (venn_tuned_rows){0};
    venn_status status = read_head(&r);
    if (status == VENN_OK && !is_whole(text))
        status =
            venn_fail(VENN_BAD_FILE, "%s: cut off: its last line is not \"" LAST_LINE "\"", name);
    while (status == VENN_OK && next_line(&r) && strcmp(r.text, LAST_LINE) != 0)
        status = read_row(&r);
    if (status == VENN_OK && *r.at)
        status = refuse(&r, "there is more behind this line");
    if (status < 0) {
        free(rows->row);
        *rows = (venn_tuned_rows){0};
    }
    return status;
}

static void print_row(FILE *out, const venn_tuned_row *row)
{
    char choice[LINE];
    venn_tuning_write_choice(row->tunable, row->choice, choice, sizeof choice);
    fprintf(out, "%s | %s | %s | %.1f %.1f\n", row->tunable->name, row->class, choice, row->us,
            row->rule_us);
}

venn_status venn_wisdom_write(const char *path, const venn_device_info *device,
                              const venn_tuned_rows *rows)
{
    char *text = NULL, *folder = venn_path_folder(path);
    size_t size = 0;
    FILE *out = folder ? open_memstream(&text, &size) : NULL;
    if (!out) {
        free(folder);
        return venn_fail(VENN_NO_MEMORY, "out of host memory");
    }
    fprintf(out,
            FIRST_LINE "\ndevice %s\ndriver %" PRIu32 "\nshaders %s\n# %s, %s; microseconds tuned "
                       "and by rule\n",
            device->uuid_text, device->driver_version, venn_shader_hash(), device->name,
            device->driver);
    for (size_t i = 0; i < rows->n; i++)
        print_row(out, &rows->row[i]);
    fputs(LAST_LINE "\n", out);
    venn_status status =
        fclose(out) == 0 ? VENN_OK : venn_fail(VENN_NO_MEMORY, "out of host memory");
    if (status == VENN_OK)
        status = venn_folder_make(folder);
    if (status == VENN_OK)
        status = venn_file_write_shared(path, text, size);
    free(text);
    free(folder);
    return status;
}

// ---- Where rows come from --------------------------------------------------------------------

venn_status venn_wisdom_path(const venn_device_info *device, char **path)
{
    const char *given = getenv("VENN_WISDOM");
    char name[64];
    *path = NULL;
    if (given && strcmp(given, "none") == 0)
        return VENN_OK;
    if (given && *given) {
        *path = venn_strdup(given);
        return *path ? VENN_OK : VENN_NO_MEMORY;
    }
    snprintf(name, sizeof name, "wisdom-%s.txt", device->uuid_text);
    return venn_cache_path(name, path);
}

static void note(venn_tuning *tuning, const char *format, const char *text)
{
    snprintf(tuning->wisdom_note, sizeof tuning->wisdom_note, format, text);
}

static void load_wisdom(venn_tuning *tuning, const venn_device_info *device)
{
    char *path = NULL;
    void *text = NULL;
    size_t size;
    venn_status status = venn_wisdom_path(device, &path);
    if (status == VENN_OK && !path)
        note(tuning, "%s", "VENN_WISDOM=none");
    else if (status == VENN_OK && !venn_file_exists(path))
        note(tuning, "%s", "not measured on this device: `venn tune` does");
    else if (status == VENN_OK)
        status = venn_file_read(path, MOST_BYTES, &text, &size);
    if (text)
        status = venn_wisdom_parse(path, text, device, &tuning->wisdom);
    if (text && status == VENN_OK)
        note(tuning, "by %s", path);
    if (status < 0) {
        venn_log_line(VENN_LOG_WARN, "wisdom is ignored: %s; `venn tune` measures anew",
                      venn_error_message());
        note(tuning, "ignored: %s", venn_error_message());
    }
    free(text);
    free(path);
}

static const char *driver_name(venn_driver driver)
{
    switch (driver) {
    case VENN_DRIVER_LLVMPIPE:
        return "llvmpipe";
    case VENN_DRIVER_SWIFTSHADER:
        return "swiftshader";
    case VENN_DRIVER_NVIDIA:
        return "nvidia";
    case VENN_DRIVER_AMD:
        return "amd";
    case VENN_DRIVER_INTEL:
        return "intel";
    case VENN_DRIVER_OTHER:
        break;
    }
    return "";
}

venn_status venn_tuning_load(venn_tuning *tuning, const venn_device *device, venn_profile *profile)
{
    const char *driver = driver_name(venn_device_limits(device)->driver);
    *tuning = (venn_tuning){.rule_group = profile->elementwise_group};
    for (const venn_shipped_text *s = venn_shipped_texts; s->driver; s++)
        if (strcmp(s->driver, driver) == 0)
            VENN_TRY(venn_wisdom_parse(s->driver, s->text, NULL, &tuning->shipped));
    // What was measured is of the whole device, not of one that is played.
    if (profile->restricted)
        note(tuning, "%s", "VENN_FAKE_LIMITS is set");
    else
        load_wisdom(tuning, venn_device_get_info(device));
    profile->tuning = tuning;
    venn_tuning_apply(profile);
    return VENN_OK;
}

void venn_tuning_finish(venn_tuning *tuning)
{
    free(tuning->wisdom.row);
    free(tuning->shipped.row);
    *tuning = (venn_tuning){0};
}

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "bench/bench_json.h"
#include "bench/compare.h"

// ---- Members ---------------------------------------------------------------------------------

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

// ---- One file --------------------------------------------------------------------------------

static venn_status check_file(const json_t *file, const char *path)
{
    const json_t *version = json_object_get(file, "version");
    if (strcmp(text_of(file, "format"), VENN_BENCH_FORMAT) != 0)
        return venn_fail(VENN_BAD_FILE,
                         "%s is no result file of venn bench: write one with `venn bench -o %s`",
                         path, path);
    if (json_integer_value(version) != VENN_BENCH_FORMAT_VERSION)
        return venn_fail(VENN_BAD_FILE, "%s has format version %lld, this program reads %d", path,
                         (long long)json_integer_value(version), VENN_BENCH_FORMAT_VERSION);
    if (!json_is_array(json_object_get(file, "devices")))
        return venn_fail(VENN_BAD_FILE, "%s: \"devices\" is missing", path);
    return VENN_OK;
}

static venn_status load(const char *path, json_t **file)
{
    VENN_TRY(venn_json_read(file, path, JSON_REJECT_DUPLICATES));
    return check_file(*file, path);
}

// Numbers of different kernels, or of numbers of different size, say nothing about devices.
static venn_status check_same(const json_t *a, const char *path_a, const json_t *b,
                              const char *path_b, bool any_shaders)
{
    static const struct {
        const char *key, *what;
    } same[] = {{"precision", "another precision"}, {"shaders", "other shaders"}};
    for (size_t i = 0; i < (any_shaders ? 1 : sizeof same / sizeof *same); i++)
        if (strcmp(text_of(a, same[i].key), text_of(b, same[i].key)) != 0)
            return venn_fail(VENN_BAD_FILE,
                             "%s was measured with %s (%s) than %s (%s), so they cannot be ranked: "
                             "measure both with one build of venn",
                             path_b, same[i].what, text_of(b, same[i].key), path_a,
                             text_of(a, same[i].key));
    return VENN_OK;
}

// ---- Rows ------------------------------------------------------------------------------------

static void read_row(const json_t *row, venn_compared_row *out)
{
    const json_t *numerics = json_object_get(row, "numerics");
    *out = (venn_compared_row){.kind = text_of(row, "kind"),
                               .name = text_of(row, "name"),
                               .part = text_of(row, "part"),
                               .workload = text_of(row, "workload"),
                               .status = text_of(row, "status"),
                               .reason = text_of(row, "reason"),
                               .median = venn_json_number(row, "median_us"),
                               .low = venn_json_number(row, "low_us"),
                               .high = venn_json_number(row, "high_us"),
                               .flops = venn_json_number(row, "flops"),
                               .bytes = venn_json_number(row, "bytes"),
                               .gflops = venn_json_number(row, "gflops"),
                               .gbs = venn_json_number(row, "gbs"),
                               .share = venn_json_number(row, "peak_share"),
                               .error = venn_json_number(numerics, "error"),
                               .limit = venn_json_number(numerics, "limit"),
                               .joules = venn_json_number(row, "joules"),
                               .clock = venn_json_number(row, "clock_mhz"),
                               .unit = text_of(numerics, "unit"),
                               .json = row};
}

static venn_status read_system(const json_t *file, const char *path, const json_t *entry,
                               venn_compared_system *s)
{
    const json_t *device = json_object_get(entry, "device"), *rows = json_object_get(entry, "rows");
    const json_t *peaks = json_object_get(entry, "peaks");
    *s = (venn_compared_system){
        .path = path,
        .name = text_of(device, "name"),
        .driver = text_of(device, "driver"),
        .status = text_of(entry, "status"),
        .reason = text_of(entry, "reason"),
        .device = device,
        .host = json_object_get(file, "host"),
        .document = file,
        .peaks = {venn_json_number(peaks, "copy_gbs"), venn_json_number(peaks, "fma_gflops"),
                  venn_json_number(peaks, "dispatch_us"), venn_json_number(peaks, "submit_us")}};
    if (!*s->name || !json_is_array(rows))
        return venn_fail(VENN_BAD_FILE, "%s: a device without \"name\" or \"rows\"", path);
    s->rows = venn_alloc(json_array_size(rows) + 1, sizeof *s->rows);
    if (!s->rows)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < json_array_size(rows); i++)
        read_row(json_array_get(rows, i), &s->rows[s->n_rows++]);
    return VENN_OK;
}

static venn_status read_systems(venn_comparison *c, const char *const *paths)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_files; i++)
        n += json_array_size(json_object_get(c->files[i], "devices"));
    if (n == 0)
        return venn_fail(VENN_BAD_FILE, "%s: no devices in it", paths[0]);
    c->systems = venn_alloc(n, sizeof *c->systems);
    if (!c->systems)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < c->n_files; i++) {
        const json_t *devices = json_object_get(c->files[i], "devices");
        for (size_t k = 0; k < json_array_size(devices); k++)
            VENN_TRY(read_system(c->files[i], paths[i], json_array_get(devices, k),
                                 &c->systems[c->n_systems++]));
    }
    return VENN_OK;
}

static void label_systems(venn_comparison *c)
{
    for (size_t i = 0; i < c->n_systems; i++) {
        size_t alike = 0, before = 0;
        for (size_t k = 0; k < c->n_systems; k++) {
            const bool same = strcmp(c->systems[k].name, c->systems[i].name) == 0;
            alike += same;
            before += same && k < i;
        }
        venn_compared_system *s = &c->systems[i];
        if (alike == 1)
            snprintf(s->label, sizeof s->label, "%.90s", s->name);
        else
            snprintf(s->label, sizeof s->label, "%.80s #%zu", s->name, before + 1);
    }
}

// ---- Works -----------------------------------------------------------------------------------

static venn_compared_work *find_work(venn_comparison *c, const venn_compared_row *row)
{
    for (size_t i = 0; i < c->n_works; i++) {
        const venn_compared_row *any = c->works[i].any;
        if (strcmp(any->name, row->name) == 0 && strcmp(any->part, row->part) == 0 &&
            strcmp(any->kind, row->kind) == 0)
            return &c->works[i];
    }
    return NULL;
}

// A row that failed has no part: it stands for every part that others have.
static bool has_part(const venn_compared_row *row)
{
    return *row->part != 0;
}

static venn_status add_work(venn_comparison *c, size_t system, const venn_compared_row *row)
{
    venn_compared_work *work = find_work(c, row);
    if (!work) {
        work = &c->works[c->n_works];
        work->row = venn_alloc(c->n_systems, sizeof *work->row);
        if (!work->row)
            return VENN_NO_MEMORY;
        work->any = row;
        c->n_works++;
    }
    if (strcmp(work->any->workload, row->workload) != 0)
        return venn_fail(
            VENN_BAD_FILE,
            "%s: %s (%s) is other work than the row of that name in %s: they cannot be "
            "ranked",
            c->systems[system].path, row->name, row->part, c->systems[0].path);
    work->row[system] = row;
    return VENN_OK;
}

static void spread_failure(venn_comparison *c, size_t system, const venn_compared_row *row)
{
    for (size_t i = 0; i < c->n_works; i++)
        if (strcmp(c->works[i].any->name, row->name) == 0 && !c->works[i].row[system])
            c->works[i].row[system] = row;
}

static venn_status read_works(venn_comparison *c)
{
    size_t most = 0;
    for (size_t s = 0; s < c->n_systems; s++)
        most += c->systems[s].n_rows;
    c->works = venn_alloc(most + 1, sizeof *c->works);
    if (!c->works)
        return VENN_NO_MEMORY;
    for (size_t s = 0; s < c->n_systems; s++)
        for (size_t i = 0; i < c->systems[s].n_rows; i++)
            if (has_part(&c->systems[s].rows[i]))
                VENN_TRY(add_work(c, s, &c->systems[s].rows[i]));
    for (size_t s = 0; s < c->n_systems; s++)
        for (size_t i = 0; i < c->systems[s].n_rows; i++)
            if (!has_part(&c->systems[s].rows[i]))
                spread_failure(c, s, &c->systems[s].rows[i]);
    return VENN_OK;
}

venn_status venn_comparison_read(venn_comparison *c, const char *const *paths, size_t n,
                                 bool any_shaders)
{
    *c = (venn_comparison){0};
    if (n == 0)
        return venn_fail(VENN_BAD_ARG, "no result file to compare");
    c->files = venn_alloc(n, sizeof *c->files);
    if (!c->files)
        return VENN_NO_MEMORY;
    venn_status status = VENN_OK;
    for (size_t i = 0; i < n && status == VENN_OK; i++) {
        status = load(paths[i], &c->files[c->n_files++]);
        if (status == VENN_OK)
            status = check_same(c->files[0], paths[0], c->files[i], paths[i], any_shaders);
    }
    if (status == VENN_OK)
        status = read_systems(c, paths);
    if (status == VENN_OK) {
        label_systems(c);
        status = read_works(c);
    }
    if (status < 0)
        venn_comparison_free(c);
    return status;
}

void venn_comparison_free(venn_comparison *c)
{
    for (size_t i = 0; i < c->n_works; i++)
        free(c->works[i].row);
    for (size_t i = 0; i < c->n_systems; i++)
        free(c->systems[i].rows);
    for (size_t i = 0; i < c->n_files; i++)
        json_decref(c->files[i]);
    free(c->works);
    free(c->systems);
    free(c->files);
    *c = (venn_comparison){0};
}

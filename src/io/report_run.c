// Reads a run folder: summary.json into structs, checked; environment.json and config.yaml as they
// are. What is absent or null stays unknown (NaN, NULL); what has the wrong type is an error.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "io/report.h"

enum { MAX_CONFIG = 4 << 20, MAX_METRICS = 1 << 30, MAX_STAGES = 64 };

// ---- Members ---------------------------------------------------------------------------------

venn_status venn_report_number(const json_t *object, const char *where, const char *key,
                               double *out)
{
    const json_t *value = json_object_get(object, key);
    *out = NAN;
    if (!value || json_is_null(value))
        return VENN_OK;
    if (!json_is_number(value))
        return venn_fail(VENN_BAD_FILE, "%s: \"%s\" must be a number or null", where, key);
    *out = json_number_value(value);
    return VENN_OK;
}

venn_status venn_report_string(const json_t *object, const char *where, const char *key,
                               const char **out)
{
    const json_t *value = json_object_get(object, key);
    *out = NULL;
    if (!value || json_is_null(value))
        return VENN_OK;
    if (!json_is_string(value))
        return venn_fail(VENN_BAD_FILE, "%s: \"%s\" must be a string", where, key);
    *out = json_string_value(value);
    // These texts go to terminals as they are.
    for (const char *at = *out; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return venn_fail(VENN_BAD_FILE, "%s: \"%s\" holds a control character", where, key);
    return VENN_OK;
}

static venn_status need_array(const json_t *object, const char *where, const char *key,
                              const json_t **out)
{
    *out = json_object_get(object, key);
    if (!json_is_array(*out))
        return venn_fail(VENN_BAD_FILE, "%s: \"%s\" must be an array", where, key);
    return VENN_OK;
}

static venn_status need_seed(const json_t *value, const char *where, int64_t *out)
{
    if (!json_is_integer(value))
        return venn_fail(VENN_BAD_FILE, "%s: a seed must be an integer", where);
    *out = json_integer_value(value);
    return VENN_OK;
}

// ---- summary.json ----------------------------------------------------------------------------

static venn_status read_runs(venn_report_stage *stage, const json_t *object, const char *where)
{
    const json_t *runs;
    VENN_TRY(need_array(object, where, "runs", &runs));
    stage->runs = venn_alloc(json_array_size(runs), sizeof *stage->runs);
    if (!stage->runs)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *entry = json_array_get(runs, i);
        venn_report_run *run = &stage->runs[stage->n_runs++];
        VENN_TRY(need_seed(json_object_get(entry, "seed"), where, &run->seed));
        VENN_TRY(venn_report_number(entry, where, "best_epoch", &run->best_epoch));
        VENN_TRY(venn_report_number(entry, where, "test_accuracy", &run->test_accuracy));
        VENN_TRY(venn_report_number(entry, where, "seconds", &run->seconds));
    }
    return VENN_OK;
}

static venn_status read_stage(venn_report *report, size_t index, const json_t *object,
                              const char *where)
{
    venn_report_stage *stage = &report->stages[index];
    VENN_TRY(venn_report_string(object, where, "stage", &stage->name));
    if (!stage->name)
        return venn_fail(VENN_BAD_FILE, "%s: \"stage\" is missing", where);
    for (size_t i = 0; i < index; i++)
        if (!strcmp(report->stages[i].name, stage->name))
            return venn_fail(VENN_BAD_FILE, "%s: the stage \"%s\" stands twice", where,
                             stage->name);
    VENN_TRY(venn_report_string(object, where, "modality", &stage->modality));
    VENN_TRY(venn_report_string(object, where, "network", &stage->network));
    VENN_TRY(venn_report_number(object, where, "parameters", &stage->parameters));
    VENN_TRY(venn_report_number(object, where, "mean", &stage->mean));
    VENN_TRY(venn_report_number(object, where, "std", &stage->std));
    VENN_TRY(venn_report_number(object, where, "memory", &stage->memory));
    const json_t *step = json_object_get(object, "step"),
                 *method = json_object_get(object, "method");
    VENN_TRY(venn_report_number(step, where, "device_us", &stage->step_us));
    stage->method = json_is_object(method) ? method : NULL;
    return read_runs(stage, object, where);
}

static venn_status find_stage(const venn_report *report, const json_t *object, const char *where,
                              const char *key, size_t *out)
{
    const char *name;
    VENN_TRY(venn_report_string(object, where, key, &name));
    for (size_t i = 0; name && i < report->n_stages; i++)
        if (!strcmp(report->stages[i].name, name)) {
            *out = i;
            return VENN_OK;
        }
    return venn_fail(VENN_BAD_FILE, "%s: \"%s\" must name one of the stages", where, key);
}

static venn_status read_pair(venn_report *report, size_t index, const json_t *object,
                             const char *where)
{
    venn_report_pair *pair = &report->pairs[index];
    VENN_TRY(find_stage(report, object, where, "stage", &pair->stage));
    VENN_TRY(find_stage(report, object, where, "baseline", &pair->baseline));
    VENN_TRY(venn_report_number(object, where, "mean", &pair->mean));
    VENN_TRY(venn_report_number(object, where, "half", &pair->half));
    const json_t *values;
    VENN_TRY(need_array(object, where, "per_seed", &values));
    if (json_array_size(values) != report->n_seeds)
        return venn_fail(VENN_BAD_FILE, "%s: \"per_seed\" has %zu values for %zu seeds", where,
                         json_array_size(values), report->n_seeds);
    pair->per_seed = venn_alloc(report->n_seeds, sizeof *pair->per_seed);
    if (!pair->per_seed)
        return VENN_NO_MEMORY;
    for (size_t i = 0; i < report->n_seeds; i++) {
        const json_t *value = json_array_get(values, i);
        if (!json_is_number(value) && !json_is_null(value))
            return venn_fail(VENN_BAD_FILE, "%s: \"per_seed\" must hold numbers", where);
        pair->per_seed[i] = json_is_null(value) ? NAN : json_number_value(value);
    }
    return VENN_OK;
}

typedef venn_status read_entry_fn(venn_report *report, size_t index, const json_t *object,
                                  const char *where);

static venn_status read_entries(venn_report *report, const json_t *array, const char *path,
                                const char *key, read_entry_fn *read, size_t *count)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        char where[512];
        snprintf(where, sizeof where, "%s: %s[%zu]", path, key, i);
        if (!json_is_object(json_array_get(array, i)))
            return venn_fail(VENN_BAD_FILE, "%s: must be an object", where);
        // Counted first: a half-read entry must be freed too.
        *count = i + 1;
        VENN_TRY(read(report, i, json_array_get(array, i), where));
    }
    return VENN_OK;
}

static venn_status read_summary(venn_report *report, const char *path)
{
    const json_t *seeds, *stages, *pairs = json_object_get(report->summary, "paired");
    VENN_TRY(need_array(report->summary, path, "seeds", &seeds));
    VENN_TRY(need_array(report->summary, path, "stages", &stages));
    if (json_array_size(stages) > MAX_STAGES || json_array_size(pairs) > MAX_STAGES)
        return venn_fail(VENN_BAD_FILE, "%s: more than %d stages or pairs", path, MAX_STAGES);
    report->seeds = venn_alloc(json_array_size(seeds), sizeof *report->seeds);
    report->stages = venn_alloc(json_array_size(stages), sizeof *report->stages);
    report->pairs = venn_alloc(json_array_size(pairs), sizeof *report->pairs);
    if (!report->seeds || !report->stages || !report->pairs)
        return VENN_NO_MEMORY;
    for (; report->n_seeds < json_array_size(seeds); report->n_seeds++)
        VENN_TRY(need_seed(json_array_get(seeds, report->n_seeds), path,
                           &report->seeds[report->n_seeds]));
    VENN_TRY(read_entries(report, stages, path, "stages", read_stage, &report->n_stages));
    VENN_TRY(read_entries(report, pairs, path, "paired", read_pair, &report->n_pairs));
    return VENN_OK;
}

// ---- The folder ------------------------------------------------------------------------------

static venn_status read_json(const char *folder, const char *name, json_t **out)
{
    char *path = venn_path_join(folder, name);
    if (!path)
        return VENN_NO_MEMORY;
    venn_status status = venn_json_read(out, path, JSON_REJECT_DUPLICATES);
    if (status == VENN_OK && !json_is_object(*out))
        status = venn_fail(VENN_BAD_FILE, "%s:1: must hold one JSON object", path);
    free(path);
    return status;
}

static void choose_colors(venn_report *report)
{
    int next = 2;
    for (size_t i = 0; i < report->n_stages; i++) {
        venn_report_stage *stage = &report->stages[i];
        if (!strcmp(stage->name, "teacher"))
            stage->color = 0;
        else if (!strcmp(stage->name, "student"))
            stage->color = 1;
        else
            stage->color = next++;
    }
}

// One decimal, or two where an uncertainty would show as less than 0.1.
static int choose_digits(const venn_report *report)
{
    double smallest = 1;
    for (size_t i = 0; i < report->n_stages; i++)
        if (report->stages[i].std > 0)
            smallest = fmin(smallest, report->stages[i].std);
    for (size_t i = 0; i < report->n_pairs; i++)
        if (report->pairs[i].half > 0)
            smallest = fmin(smallest, report->pairs[i].half);
    return smallest < 0.001 ? 2 : 1;
}

// A run by one method says so at the top.
static bool compares(const venn_report *report)
{
    size_t methods = 0;
    for (size_t i = 0; i < report->n_stages; i++)
        methods += report->stages[i].method != NULL;
    return methods > 1;
}

static venn_status read_folder(venn_report *report, const char *folder)
{
    VENN_TRY(read_json(folder, "summary.json", &report->summary));
    VENN_TRY(read_json(folder, "environment.json", &report->environment));
    char *path = venn_path_join(folder, "summary.json");
    if (!path)
        return VENN_NO_MEMORY;
    venn_status status = read_summary(report, path);
    free(path);
    VENN_TRY(status);
    choose_colors(report);
    report->digits = choose_digits(report);
    report->compares = compares(report);

    path = venn_path_join(folder, "config.yaml");
    if (!path)
        return VENN_NO_MEMORY;
    status = venn_file_read(path, MAX_CONFIG, (void **)&report->config, &report->config_size);
    free(path);
    VENN_TRY(status);

    report->metrics_path = venn_path_join(folder, "metrics.jsonl");
    if (!report->metrics_path)
        return VENN_NO_MEMORY;
    void *text;
    size_t size;
    VENN_TRY(venn_file_read(report->metrics_path, MAX_METRICS, &text, &size));
    status = venn_report_metrics(report, text, size);
    free(text);
    return status;
}

venn_status venn_report_read(venn_report *report, const char *folder)
{
    *report = (venn_report){0};
    if (!folder)
        return venn_fail(VENN_BAD_ARG, "report: no run folder was named");
    venn_status status = read_folder(report, folder);
    if (status < 0)
        venn_report_free(report);
    return status;
}

void venn_report_free(venn_report *report)
{
    for (size_t i = 0; i < report->n_stages; i++) {
        free(report->stages[i].runs);
        for (int metric = 0; metric < VENN_REPORT_METRICS; metric++)
            free(report->stages[i].curve[metric]);
    }
    for (size_t i = 0; i < report->n_pairs; i++)
        free(report->pairs[i].per_seed);
    free(report->stages);
    free(report->pairs);
    free(report->seeds);
    free(report->config);
    free(report->metrics_path);
    json_decref(report->summary);
    json_decref(report->environment);
    *report = (venn_report){0};
}

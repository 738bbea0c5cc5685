// The files of a run folder besides checkpoints and report: config.yaml, environment.json,
// metrics.jsonl, summary.json. Numbers that do not exist are null.
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "distill/run_internal.h"
#include "train/fit_record.h"
#include "train/stats.h"

static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static venn_status write_text(const run_state *run, const char *name, const char *text)
{
    char *path = text ? venn_path_join(run->folder, name) : NULL;
    venn_status status = path ? venn_file_write(path, text, strlen(text)) : VENN_NO_MEMORY;
    free(path);
    return status;
}

static venn_status write_json(const run_state *run, const char *name, json_t *object)
{
    char *text = object ? json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) : NULL;
    venn_status status = write_text(run, name, text);
    free(text);
    json_decref(object);
    return status;
}

// ---- config.yaml -----------------------------------------------------------------------------

static venn_status check_config(const run_state *run, const char *path, const char *text)
{
    void *old;
    size_t size;
    VENN_TRY(venn_file_read(path, 0, &old, &size));
    bool same = strcmp(old, text) == 0;
    free(old);
    if (!same)
        return venn_fail(VENN_BAD_ARG,
                         "%s: the run there was made with another config: resume it with "
                         "%s/config.yaml, or choose another folder",
                         run->folder, run->folder);
    return VENN_OK;
}

static venn_status write_config(const run_state *run)
{
    char *text = NULL, *path = venn_path_join(run->folder, "config.yaml");
    size_t size;
    venn_status status = path ? venn_config_print(run->config->file, &text, &size) : VENN_NO_MEMORY;
    if (status == VENN_OK && venn_file_exists(path)) {
        if (run->resume)
            status = check_config(run, path, text);
        else
            status = venn_fail(VENN_BAD_ARG,
                               "%s already holds a run: choose another folder, or resume "
                               "it with --resume",
                               run->folder);
    } else if (status == VENN_OK) {
        status = run->resume ? venn_fail(VENN_BAD_ARG, "%s holds no run to resume", run->folder)
                             : venn_file_write(path, text, size);
    }
    free(text);
    free(path);
    return status;
}

// ---- environment.json ------------------------------------------------------------------------

static void read_cpu(char *text, size_t size)
{
    snprintf(text, size, "unknown");
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256];
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            line[strcspn(line, "\n")] = 0;
            snprintf(text, size, "%s", strchr(line, ':') + 2);
            break;
        }
    if (file)
        fclose(file);
}

static json_t *describe_host(void)
{
    struct utsname name;
    char cpu[256], system[300];
    read_cpu(cpu, sizeof cpu);
    uname(&name);
    snprintf(system, sizeof system, "%s %s %s", name.sysname, name.release, name.machine);
    return json_pack("{s:s, s:s, s:i}", "system", system, "cpu", cpu, "cores",
                     (int)sysconf(_SC_NPROCESSORS_ONLN));
}

static venn_status write_environment(const run_state *run)
{
    const venn_device_info *d = venn_device_get_info(run->device);
    char started[32], version[32];
    time_t now = time(NULL);
    struct tm utc;
    strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    snprintf(version, sizeof version, "%u.%u.%u", d->api_version >> 22 & 0x7f,
             d->api_version >> 12 & 0x3ff, d->api_version & 0xfff);
    json_t *device =
        json_pack("{s:s, s:s, s:s, s:s, s:s}", "name", d->name, "driver", d->driver, "uuid",
                  d->uuid_text, "kind", venn_device_kind_name(d->kind), "api_version", version);
    const venn_dataset *data = run->data;
    json_t *sizes = json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", data->name, "hash", data->hash,
                              "train", (json_int_t)data->split[VENN_TRAIN].n, "valid",
                              (json_int_t)data->split[VENN_VALID].n, "test",
                              (json_int_t)data->split[VENN_TEST].n);
    return write_json(run, "environment.json",
                      json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s}", "venn", venn_version(),
                                "shaders", venn_shader_hash(), "device", device, "data", sizes,
                                "host", describe_host(), "started", started, "command",
                                run->command));
}

venn_status venn_run_begin_folder(run_state *run)
{
    VENN_TRY(venn_folder_make(run->folder));
    VENN_TRY(write_config(run));
    return run->resume ? VENN_OK : write_environment(run);
}

// ---- metrics.jsonl ---------------------------------------------------------------------------

static bool append_line(char **text, size_t *size, json_t *object)
{
    char *line = object ? json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    size_t length = line ? strlen(line) : 0;
    char *grown = line ? venn_resize(*text, *size + length + 2, 1) : NULL;
    if (grown) {
        *text = grown;
        memcpy(grown + *size, line, length);
        memcpy(grown + *size + length, "\n", 2);
        *size += length + 1;
    }
    free(line);
    json_decref(object);
    return grown != NULL;
}

typedef struct lines {
    char *text;
    size_t size;
    bool ok;
} lines;

// phase NULL: the training's last or only one.
static void append_history(lines *to, const run_record *record, const char *phase,
                           const venn_fit_result *result)
{
    for (uint32_t e = 0; to->ok && record->begun && e < result->n_epochs; e++) {
        json_t *object = json_pack("{s:s, s:I}", "stage", record->stage.stage, "seed",
                                   (json_int_t)record->stage.seed);
        json_t *metrics = venn_metrics_to_json(&result->history[e]);
        if (phase)
            json_object_set_new(object, "phase", json_string(phase));
        json_object_update(object, metrics);
        json_decref(metrics);
        to->ok = append_line(&to->text, &to->size, object);
    }
}

venn_status venn_run_write_metrics(const run_state *run)
{
    lines to = {.text = venn_strdup("")};
    to.ok = to.text != NULL;
    for (uint32_t i = 0; i < run->n_records; i++) {
        const run_record *record = &run->records[i];
        for (size_t k = 0; k < record->n_phases; k++)
            append_history(&to, record, record->phases[k].name, &record->phases[k].result);
        append_history(&to, record, NULL, &record->result);
    }
    venn_status status = to.ok ? write_text(run, "metrics.jsonl", to.text) : VENN_NO_MEMORY;
    free(to.text);
    return status;
}

// ---- summary.json ----------------------------------------------------------------------------

static json_t *describe_run(const run_record *record)
{
    const venn_fit_result *r = &record->result;
    json_t *object = json_pack(
        "{s:I, s:i, s:o, s:o, s:o, s:o, s:I}", "seed", (json_int_t)record->stage.seed, "best_epoch",
        (int)r->best_epoch, "valid_accuracy", real_or_null(r->valid_accuracy), "test_accuracy",
        real_or_null(r->test_accuracy), "test_loss", real_or_null(r->test_loss), "seconds",
        real_or_null(r->seconds), "steps", (json_int_t)r->steps);
    json_t *measures = json_object();
    for (size_t i = 0; i < record->n_measures; i++)
        json_object_set_new(measures, record->measures[i].name,
                            real_or_null(record->measures[i].value));
    if (record->n_measures)
        json_object_set(object, "measures", measures);
    json_decref(measures);
    return object;
}

// Test accuracies of a stage in seed order; returns their number.
static size_t accuracies(const run_state *run, const char *stage, double *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < run->n_records; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            out[n++] = run->records[i].result.test_accuracy;
    return n;
}

const char *venn_run_score(const run_state *run)
{
    const venn_method *method = run->config->method;
    return method->score ? method->score : "accuracy";
}

// Every measure that the stage's runs have: its mean and spread over them.
static json_t *describe_measures(const run_state *run, const char *stage, double *values)
{
    json_t *measures = json_array();
    const run_record *first = NULL;
    for (uint32_t i = 0; i < run->n_records && !first; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            first = &run->records[i];
    for (size_t k = 0; first && k < first->n_measures; k++) {
        size_t n = 0;
        for (uint32_t i = 0; i < run->n_records; i++)
            if (run->records[i].done && run->records[i].n_measures > k &&
                run->records[i].measures[k].name == first->measures[k].name)
                values[n++] = run->records[i].measures[k].value;
        venn_summary s = venn_summarize(values, n);
        json_array_append_new(measures,
                              json_pack("{s:s, s:o, s:o}", "name", first->measures[k].name, "mean",
                                        real_or_null(s.mean), "std", real_or_null(s.std)));
    }
    return measures;
}

static char *join_inputs(const config_model *model, bool networks)
{
    char *text = venn_strdup("");
    for (unsigned i = 0; text && i < model->inputs_count; i++) {
        const config_input *input = &model->inputs[i];
        char *longer = venn_format("%s%s%s", text, i ? " + " : "",
                                   networks ? input->network : input->modality);
        free(text);
        text = longer;
    }
    return text;
}

static json_t *describe_stage(const run_state *run, const char *stage, const config_model *model,
                              const venn_net *net, double *values)
{
    json_t *runs = json_array();
    for (uint32_t i = 0; i < run->n_records; i++)
        if (run->records[i].done && strcmp(run->records[i].stage.stage, stage) == 0)
            json_array_append_new(runs, describe_run(&run->records[i]));
    size_t n = accuracies(run, stage, values);
    if (n == 0 && strcmp(stage, "teacher") == 0)
        values[n++] = run->loaded.accuracy;
    venn_summary s = venn_summarize(values, n);
    char *modality = join_inputs(model, false), *network = join_inputs(model, true);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o}", "stage", stage, "modality",
                  modality ? modality : "", "network", network ? network : "", "parameters",
                  (json_int_t)venn_net_n_elements(net), "runs", runs, "mean", real_or_null(s.mean),
                  "std", real_or_null(s.std), "half", real_or_null(s.half));
    free(modality);
    free(network);
    json_t *measures = describe_measures(run, stage, values);
    if (json_array_size(measures))
        json_object_set(object, "measures", measures);
    json_decref(measures);
    return object;
}

static json_t *describe_pairs(const run_state *run, double *student, double *distilled)
{
    size_t n = accuracies(run, "student", student);
    json_t *each = json_array();
    if (accuracies(run, "distilled", distilled) != n)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        distilled[i] -= student[i];
        json_array_append_new(each, real_or_null(distilled[i]));
    }
    venn_summary s = venn_summarize(distilled, n);
    return json_pack("[{s:s, s:s, s:o, s:o, s:o}]", "stage", "distilled", "baseline", "student",
                     "mean", real_or_null(n ? s.mean : NAN), "half", real_or_null(s.half),
                     "per_seed", each);
}

static json_t *describe_value(const venn_method_param *p, const void *field)
{
    switch (p->type) {
    case VENN_METHOD_FLOAT:
        return json_real(*(const double *)field);
    case VENN_METHOD_INT:
        return json_integer(*(const int *)field);
    case VENN_METHOD_BOOL:
        return json_boolean(*(const bool *)field);
    case VENN_METHOD_ENUM:
        return json_string(p->names[*(const int *)field]);
    case VENN_METHOD_TEXT:
        break;
    }
    const char *text = *(const char *const *)field;
    return text ? json_string(text) : json_null();
}

static json_t *describe_method(const venn_distill_config *c, const char *score)
{
    json_t *values = json_object();
    for (const venn_method_param *p = c->method->params; p->key; p++)
        json_object_set_new(values, p->key,
                            describe_value(p, (const char *)c->method_params + p->offset));
    return json_pack("{s:s, s:s, s:o}", "name", c->method->name, "score", score, "parameters",
                     values);
}

static json_t *describe_step(const venn_fit_result *r)
{
    return json_pack("{s:i, s:i, s:i, s:o, s:I, s:I}", "dispatches", (int)r->step.dispatches,
                     "submissions", (int)r->step.submissions, "barriers", (int)r->step.barriers,
                     "device_us", real_or_null(r->step_us), "transient_bytes",
                     (json_int_t)r->step.transient_bytes, "lower_bytes",
                     (json_int_t)r->step.transient_lower);
}

static json_t *describe_seeds(const config_file *file)
{
    json_t *seeds = json_array();
    for (uint32_t k = 0; k < file->seeds; k++)
        json_array_append_new(seeds, json_integer((json_int_t)(file->first_seed + k)));
    return seeds;
}

static json_t *describe_stages(const run_state *run, double *a, double *b, json_t **pairs)
{
    const config_file *file = run->config->file;
    json_t *stages = json_array();
    *pairs = json_array();
    if (run->teacher)
        json_array_append_new(stages,
                              describe_stage(run, "teacher", file->teacher, run->teacher, a));
    const bool alone = run->distills && run->config->method->alone;
    if (!alone)
        json_array_append_new(stages,
                              describe_stage(run, "student", file->student, run->student, a));
    if (run->distills)
        json_array_append_new(stages,
                              describe_stage(run, "distilled", file->student, run->student, a));
    if (run->distills && !alone) {
        json_decref(*pairs);
        *pairs = describe_pairs(run, a, b);
    }
    return stages;
}

static json_t *describe_teacher(const run_state *run)
{
    static const char *const semantics[] = {"mean", "zero", "drop"};
    const config_model *model = run->config->file->teacher;
    if (!run->teacher && run->distills)
        return json_null();
    json_t *teacher = json_pack("{s:b, s:s, s:s}", "cached", model && model->cache, "hash_before",
                                run->hash_before, "hash_after", run->hash_after);
    if (run->place)
        json_object_set_new(teacher, "features",
                            json_pack("{s:s, s:s, s:s, s:I, s:I}", "mode",
                                      venn_feature_mode_name(model->features->mode), "semantics",
                                      semantics[model->features->semantics], "place", run->place,
                                      "channels", (json_int_t)run->channels, "removed",
                                      (json_int_t)run->removed));
    return teacher;
}

venn_status venn_run_write_summary(const run_state *run)
{
    const config_file *file = run->config->file;
    config_training settings = venn_config_training_of(run->config, file->student);
    double *a = venn_alloc(run->n_records + 1, sizeof *a),
           *b = venn_alloc(run->n_records + 1, sizeof *b);
    venn_memory_stats memory;
    venn_device_memory(run->device, &memory);
    venn_status status = a && b ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        json_t *pairs, *stages = describe_stages(run, a, b, &pairs);
        status = write_json(
            run, "summary.json",
            json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:f}", "name", file->name,
                      "epochs", (int)settings.epochs, "batch", (int)settings.batch, "seeds",
                      describe_seeds(file), "stages", stages, "paired", pairs, "method",
                      describe_method(run->config, venn_run_score(run)), "teacher",
                      describe_teacher(run), "step",
                      describe_step(&run->records[run->n_records - 1].result), "memory_peak",
                      (json_int_t)memory.peak, "seconds", run->seconds));
    }
    free(a);
    free(b);
    return status;
}

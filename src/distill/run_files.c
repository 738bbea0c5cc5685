// The files of a run folder that grow with it: config.yaml, environment.json, metrics.jsonl.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "distill/run_internal.h"
#include "train/fit_record.h"

static venn_status write_text(const run_state *run, const char *name, const char *text)
{
    char *path = text ? venn_path_join(run->folder, name) : NULL;
    venn_status status = path ? venn_file_write(path, text, strlen(text)) : VENN_NO_MEMORY;
    free(path);
    return status;
}

venn_status venn_run_write_json(const run_state *run, const char *name, json_t *object)
{
    char *text = venn_json_text(object, JSON_INDENT(2) | JSON_REAL_PRECISION(17));
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
    return venn_run_write_json(run, "environment.json",
                               json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s}", "venn",
                                         venn_version(), "shaders", venn_shader_hash(), "device",
                                         device, "data", sizes, "host", describe_host(), "started",
                                         started, "command", run->command));
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
    char *line = venn_json_text(object, JSON_COMPACT | JSON_REAL_PRECISION(9));
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
            venn_json_set(&object, "phase", json_string(phase));
        const bool whole = json_object_update(object, metrics) == 0;
        json_decref(metrics);
        if (!whole) {
            json_decref(object);
            object = NULL;
        }
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

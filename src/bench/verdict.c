// What `venn doctor` found of a device, kept for later in the user's cache: one small file for each device.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/json.h"
#include "venn/tune.h"

// malloc'd.
static venn_status path_of(const venn_device_info *d, char **path)
{
    char name[64];
    snprintf(name, sizeof name, "doctor-%s.json", d->uuid_text);
    return venn_cache_path(name, path);
}

venn_status venn_verdict_save(const venn_device_info *d, const venn_verdict *v)
{
    char date[32], *folder, *path;
    const time_t now = time(NULL);
    struct tm utc;
    strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &utc));
    VENN_TRY(path_of(d, &path));
    folder = venn_path_folder(path);
    json_t *object = json_pack("{s:s, s:s, s:i, s:s, s:s, s:b, s:i, s:i, s:i}", "device", d->name,
                               "driver", d->driver, "driver_version", (int)d->driver_version,
                               "shaders", venn_shader_hash(), "date", date, "fit", v->fit, "ops",
                               v->ops, "cases", v->cases, "failed_ops", v->failed_ops);
    char *text = venn_json_text(object, JSON_INDENT(2));
    venn_status status = text && folder ? venn_folder_make(folder) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_file_write_shared(path, text, strlen(text));
    json_decref(object);
    free(text);
    free(folder);
    free(path);
    return status;
}

static int whole(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

static bool is_text(const json_t *object, const char *key, const char *want)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && strcmp(text, want) == 0;
}

static void read_verdict(const json_t *object, const venn_device_info *d, venn_verdict *v)
{
    const char *date = json_string_value(json_object_get(object, "date"));
    *v = (venn_verdict){.known = date && json_is_boolean(json_object_get(object, "fit")),
                        .fit = json_is_true(json_object_get(object, "fit")),
                        .same_driver = is_text(object, "driver", d->driver) &&
                                       whole(object, "driver_version") == (int)d->driver_version,
                        .same_shaders = is_text(object, "shaders", venn_shader_hash()),
                        .ops = whole(object, "ops"),
                        .cases = whole(object, "cases"),
                        .failed_ops = whole(object, "failed_ops")};
    snprintf(v->date, sizeof v->date, "%.10s", date ? date : "");
}

void venn_verdict_load(const venn_device_info *d, venn_verdict *v)
{
    char *path;
    *v = (venn_verdict){0};
    if (path_of(d, &path) < 0)
        return;
    json_t *object;
    if (venn_json_read(&object, path, 0) == VENN_OK)
        read_verdict(object, d, v);
    json_decref(object);
    free(path);
}

void venn_verdict_text(const venn_verdict *v, char *text, size_t size)
{
    if (!v->known)
        snprintf(text, size, "not tested: run `venn doctor`");
    else if (!v->same_driver || !v->same_shaders)
        snprintf(text, size, "%s on %s with another %s: run `venn doctor` again",
                 v->fit ? "passed" : "FAILED", v->date,
                 v->same_driver ? "version of venn's kernels" : "driver");
    else if (v->fit)
        snprintf(text, size, "passed on %s: %d ops, %d cases", v->date, v->ops, v->cases);
    else
        snprintf(text, size, "FAILED on %s: %d of %d ops; run `venn doctor` for what is wrong",
                 v->date, v->failed_ops, v->ops);
}

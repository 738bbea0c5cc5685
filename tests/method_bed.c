#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data_files.h"
#include "device_fixture.h"
#include "method_bed.h"
#include "program_run.h"
#include "venn/distill.h"

static void write_config(const char *name, va_list changes)
{
    static char text[32768], changed[32768];
    char asset[128];
    const void *data;
    size_t size;
    snprintf(asset, sizeof asset, "methods/%s.yaml", name);
    cr_assert(venn_embedded_find(asset, &data, &size) && size < sizeof text, "%s", asset);
    memcpy(text, data, size);
    text[size] = 0;
    for (const char *old; (old = va_arg(changes, const char *));) {
        const char *new = va_arg(changes, const char *), *at = strstr(text, old);
        cr_assert(at, "%s has no \"%s\" to change", asset, old);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, new,
                 at + strlen(old));
        memcpy(text, changed, sizeof text);
    }
    scratch_text("method.yaml", text);
}

static venn_status run_changed(void)
{
    venn_distill_config *config;
    venn_device *device = open_test_device();
    SUCCEEDS("rm -rf method-run");
    cr_assert_eq(venn_distill_config_load(&config, scratch_path("method.yaml")), VENN_OK, "%s",
                 venn_error_message());
    venn_status status =
        venn_distill_run(device, config, scratch_path("method-run"), false, NULL, NULL);
    venn_distill_config_destroy(&config);
    close_test_device(&device);
    return status;
}

json_t *method_run(const char *name, ...)
{
    va_list changes;
    va_start(changes, name);
    write_config(name, changes);
    va_end(changes);
    cr_assert_eq(run_changed(), VENN_OK, "%s", venn_error_message());
    json_t *summary = json_load_file(scratch_path("method-run/summary.json"), 0, NULL);
    cr_assert(summary, "%s: no summary", name);
    return summary;
}

void method_refused(const char *part, const char *name, ...)
{
    va_list changes;
    va_start(changes, name);
    write_config(name, changes);
    va_end(changes);
    cr_assert_lt(run_changed(), 0, "%s runs", name);
    cr_expect(strstr(venn_error_message(), part), "%s", venn_error_message());
}

static const json_t *find(const json_t *array, const char *key, const char *value)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *entry = json_array_get(array, i);
        const char *text = json_string_value(json_object_get(entry, key));
        if (text && strcmp(text, value) == 0)
            return entry;
    }
    cr_assert(false, "the summary has no %s \"%s\"", key, value);
    return NULL;
}

double method_score(const json_t *summary, const char *stage)
{
    const json_t *entry = find(json_object_get(summary, "stages"), "stage", stage);
    return 100 * json_number_value(json_object_get(entry, "mean"));
}

double method_measure(const json_t *summary, const char *measure)
{
    const json_t *stage = find(json_object_get(summary, "stages"), "stage", "distilled");
    const json_t *entry = find(json_object_get(stage, "measures"), "name", measure);
    return 100 * json_number_value(json_object_get(entry, "mean"));
}

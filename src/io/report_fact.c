// The sections below the curves: small tables of facts, each row a name and what the files say.
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "io/report.h"

// ---- Rows ------------------------------------------------------------------------------------

static void open_row(FILE *out, const char *name)
{
    fputs("<tr><th scope=\"row\">", out);
    venn_report_escape_text(out, name);
    fputs("</th><td>", out);
}

static void close_row(FILE *out)
{
    fputs("</td></tr>\n", out);
}

// Whether memory ran out for a value of the page that this thread writes.
static _Thread_local bool value_missing;

// Any JSON value as text: strings bare, numbers and nested values as in the file.
static void write_value(FILE *out, const json_t *value)
{
    if (json_is_string(value)) {
        venn_report_escape(out, json_string_value(value), json_string_length(value));
        return;
    }
    if (!value || json_is_null(value)) {
        fputs(VENN_REPORT_DASH, out);
        return;
    }
    char *text = venn_json_text(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(9));
    if (text)
        venn_report_escape_text(out, text);
    else
        value_missing = true;
    free(text);
}

static void value_row(FILE *out, const char *name, const json_t *object, const char *key)
{
    open_row(out, name);
    write_value(out, json_object_get(object, key));
    close_row(out);
}

static void code_row(FILE *out, const char *name, const json_t *object, const char *key)
{
    open_row(out, name);
    fputs("<code>", out);
    write_value(out, json_object_get(object, key));
    fputs("</code>", out);
    close_row(out);
}

typedef void number_text_fn(FILE *out, double value);

static void number_row(FILE *out, const char *name, const json_t *object, const char *key,
                       number_text_fn *text)
{
    open_row(out, name);
    text(out, venn_json_number(object, key));
    close_row(out);
}

// ---- Sections --------------------------------------------------------------------------------

// "general: 96 of 128 channels of 3 taken out (mean)".
static void write_features(FILE *out, const json_t *features)
{
    if (!json_is_object(features))
        return;
    open_row(out, "teacher\u2019s features");
    write_value(out, json_object_get(features, "mode"));
    fputs(": ", out);
    write_value(out, json_object_get(features, "removed"));
    fputs(" of ", out);
    write_value(out, json_object_get(features, "channels"));
    fputs(" channels of <code>", out);
    write_value(out, json_object_get(features, "place"));
    fputs("</code> taken out (", out);
    write_value(out, json_object_get(features, "semantics"));
    fputs(")", out);
    close_row(out);
}

static void write_teacher(FILE *out, const json_t *teacher)
{
    const char *before = json_string_value(json_object_get(teacher, "hash_before"));
    const char *after = json_string_value(json_object_get(teacher, "hash_after"));
    open_row(out, "teacher\u2019s weights");
    if (before && after && !strcmp(before, after)) {
        fputs("unchanged: hash <code>", out);
        venn_report_escape_text(out, before);
        fputs("</code> before and after distillation", out);
    } else if (before && after) {
        fputs("<strong>changed during distillation</strong>: hash <code>", out);
        venn_report_escape_text(out, before);
        fputs("</code> before, <code>", out);
        venn_report_escape_text(out, after);
        fputs("</code> after", out);
    } else {
        fputs("not hashed", out);
    }
    close_row(out);
    const json_t *cached = json_object_get(teacher, "cached");
    if (json_is_boolean(cached)) {
        open_row(out, "teacher\u2019s logits");
        fputs(json_is_true(cached) ? "computed once, then cached" : "computed in every step", out);
        close_row(out);
    }
    write_features(out, json_object_get(teacher, "features"));
}

static void write_measures(FILE *out, const venn_report *report, size_t stage)
{
    const json_t *measures = venn_report_measures(report, stage);
    for (size_t i = 0; i < json_array_size(measures); i++) {
        const json_t *measure = json_array_get(measures, i);
        const char *name = json_string_value(json_object_get(measure, "name"));
        char label[160];
        snprintf(label, sizeof label, "%s%s%s", report->compares ? report->stages[stage].name : "",
                 report->compares ? ": " : "", name ? name : "");
        open_row(out, label);
        venn_report_measure_value(out, measure);
        close_row(out);
    }
}

static void write_params(FILE *out, const json_t *method)
{
    const char *key;
    json_t *value;
    value_row(out, "method", method, "name");
    json_object_foreach(json_object_get(method, "parameters"), key, value)
    {
        open_row(out, key);
        write_value(out, value);
        close_row(out);
    }
}

// Several methods: one row each.
static void write_methods(FILE *out, const venn_report *report)
{
    for (size_t i = 0; i < report->n_stages; i++) {
        const venn_report_stage *stage = &report->stages[i];
        const char *key, *before = "";
        json_t *value;
        if (!stage->method)
            continue;
        open_row(out, stage->name);
        json_object_foreach(json_object_get(stage->method, "parameters"), key, value)
        {
            fputs(before, out);
            venn_report_escape_text(out, key);
            fputs("\u00a0", out);
            write_value(out, value);
            before = ", ";
        }
        close_row(out);
    }
}

static void write_method(FILE *out, const venn_report *report, const venn_report_plots *plots)
{
    const json_t *method = json_object_get(report->summary, "method");
    const json_t *teacher = json_object_get(report->summary, "teacher");
    if (!json_is_object(method) && !json_is_object(teacher))
        return;
    fprintf(out, "<section>\n<h2>%s</h2>\n<div class=\"two\">\n<table class=\"facts\">\n<tbody>\n",
            report->compares ? "Methods" : "Method");
    if (report->compares)
        write_methods(out, report);
    else if (json_is_object(method))
        write_params(out, method);
    if (json_is_object(teacher))
        write_teacher(out, teacher);
    for (size_t i = 0; i < report->n_stages; i++)
        write_measures(out, report, i);
    fputs("</tbody>\n</table>\n", out);
    if (plots->svg[VENN_REPORT_KD])
        venn_report_figure(out, plots, VENN_REPORT_KD, "Distillation loss, training",
                           "student against teacher");
    fputs("</div>\n</section>\n", out);
}

static void write_step(FILE *out, const venn_report *report)
{
    const json_t *step = json_object_get(report->summary, "step");
    if (!json_is_object(step))
        return;
    fputs("<div>\n<h2>One training step</h2>\n<table class=\"facts\">\n<tbody>\n", out);
    number_row(out, "queue submissions", step, "submissions", venn_report_count);
    number_row(out, "dispatches", step, "dispatches", venn_report_count);
    number_row(out, "barriers", step, "barriers", venn_report_count);
    number_row(out, "time on the device", step, "device_us", venn_report_microseconds);
    open_row(out, "memory for values");
    venn_report_bytes(out, venn_json_number(step, "transient_bytes"));
    if (!isnan(venn_json_number(step, "lower_bytes"))) {
        fputs(" (no plan can need less than ", out);
        venn_report_bytes(out, venn_json_number(step, "lower_bytes"));
        fputs(")", out);
    }
    close_row(out);
    number_row(out, "peak device memory", report->summary, "memory_peak", venn_report_bytes);
    fputs("</tbody>\n</table>\n</div>\n", out);
}

static void write_data_row(FILE *out, const json_t *data)
{
    static const char *const splits[][2] = {
        {"train", "training"}, {"valid", "validation"}, {"test", "test"}};
    value_row(out, "data", data, "name");
    open_row(out, "samples");
    for (int i = 0; i < 3; i++) {
        fputs(i ? ", " : "", out);
        venn_report_count(out, venn_json_number(data, splits[i][0]));
        fprintf(out, " %s", splits[i][1]);
    }
    close_row(out);
    code_row(out, "hash of the data", data, "hash");
}

static void write_environment(FILE *out, const venn_report *report)
{
    const json_t *environment = report->environment;
    const json_t *device = json_object_get(environment, "device");
    const json_t *host = json_object_get(environment, "host");
    fputs("<div>\n<h2>Device and data</h2>\n<table class=\"facts\">\n<tbody>\n", out);
    value_row(out, "device", device, "name");
    value_row(out, "kind", device, "kind");
    value_row(out, "driver", device, "driver");
    value_row(out, "Vulkan", device, "api_version");
    code_row(out, "UUID", device, "uuid");
    open_row(out, "host");
    write_value(out, json_object_get(host, "cpu"));
    fputs(", ", out);
    write_value(out, json_object_get(host, "cores"));
    fputs(" cores, ", out);
    write_value(out, json_object_get(host, "system"));
    close_row(out);
    value_row(out, "venn", environment, "venn");
    code_row(out, "hash of the shaders", environment, "shaders");
    write_data_row(out, json_object_get(environment, "data"));
    fputs("</tbody>\n</table>\n</div>\n", out);
}

static void write_reproduce(FILE *out, const venn_report *report)
{
    fputs("<section>\n<h2>Run it again</h2>\n<pre class=\"command\"><code>", out);
    write_value(out, json_object_get(report->environment, "command"));
    fputs("</code></pre>\n<p class=\"note\">The same device, driver, shaders, data and "
          "configuration give the same numbers bit for bit.</p>\n"
          "<details>\n<summary>config.yaml, as resolved for this run</summary>\n<pre><code>",
          out);
    venn_report_escape(out, report->config, report->config_size);
    fputs("</code></pre>\n</details>\n</section>\n", out);
}

venn_status venn_report_facts(FILE *out, const venn_report *report, const venn_report_plots *plots)
{
    value_missing = false;
    write_method(out, report, plots);
    fputs("<section>\n<div class=\"two\">\n", out);
    write_environment(out, report);
    write_step(out, report);
    fputs("</div>\n</section>\n", out);
    write_reproduce(out, report);
    return value_missing ? VENN_NO_MEMORY : VENN_OK;
}

// The result file: devices one after another, each with its peaks and rows.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/status.h"
#include "bench/bench_rows.h"

static venn_status complete(const venn_bench_params *given, venn_bench_params *p)
{
    *p = given ? *given : (venn_bench_params){0};
    p->suite = p->suite ? p->suite : "quick";
    p->warmup = p->warmup ? p->warmup : 5;
    p->samples = p->samples ? p->samples : 20;
    p->limit_seconds = p->limit_seconds > 0 ? p->limit_seconds : 60;
    if (strcmp(p->suite, "quick") != 0 && strcmp(p->suite, "full") != 0)
        return venn_fail(VENN_BAD_ARG, "there is no suite \"%s\": quick or full", p->suite);
    return VENN_OK;
}

static json_t *failed_device(const char *select)
{
    return json_pack("{s:{s:s}, s:s, s:s, s:[]}", "device", "name", select, "status", "failed",
                     "reason", venn_error_message(), "rows");
}

static json_t *meters_json(const venn_meter *meter)
{
    return meter ? json_pack("{s:s, s:s}", "energy", venn_meter_energy_source(meter), "clock",
                             venn_meter_clock_source(meter))
                 : json_null();
}

static json_t *measure_device(venn_device *device, const venn_bench_params *params)
{
    const venn_device_info *info = venn_device_get_info(device);
    venn_bench_job job = {.device = device, .params = params, .rows = json_array()};
    if (params->say)
        params->say(params->user, info->name);
    venn_status status = venn_meter_open(&job.meter, info, NULL);
    if (status == VENN_OK)
        status = venn_bench_measure_peaks(device, &job.peaks);
    if (status == VENN_OK) {
        venn_bench_kernels(&job);
        venn_bench_steps(&job);
    } else {
        job.peaks = (venn_bench_peaks){NAN, NAN, NAN, NAN};
    }
    if (job.fatal < 0)
        status = job.fatal;
    json_t *entry = json_pack(
        "{s:o, s:s, s:s, s:o, s:o, s:o}", "device", venn_bench_device_json(info), "status",
        venn_bench_outcome(status), "reason", status < 0 ? venn_error_message() : "", "peaks",
        venn_bench_peaks_json(&job.peaks), "meters", meters_json(job.meter), "rows", job.rows);
    venn_meter_close(&job.meter);
    return entry;
}

static bool add_device(json_t *devices, const char *select, const venn_bench_params *params)
{
    venn_device *device = NULL;
    const venn_status status = venn_device_create(&device, &(venn_device_params){.select = select});
    json_array_append_new(devices,
                          status < 0 ? failed_device(select) : measure_device(device, params));
    venn_device_destroy(&device);
    return status == VENN_OK;
}

static venn_status add_all(json_t *devices, const venn_bench_params *params, size_t *opened)
{
    venn_device_info *list;
    size_t n;
    VENN_TRY(venn_device_list(&list, &n));
    for (size_t i = 0; i < n; i++) {
        char index[16];
        snprintf(index, sizeof index, "%d", list[i].index);
        if (list[i].usable)
            *opened += add_device(devices, index, params);
    }
    free(list);
    return *opened ? VENN_OK : venn_fail(VENN_NO_DEVICE, "no usable Vulkan device to measure");
}

static json_t *document(json_t *devices, const venn_bench_params *p)
{
    char now[32];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:o, s:o}", "format",
                     VENN_BENCH_FORMAT, "version", VENN_BENCH_FORMAT_VERSION, "venn",
                     venn_version(), "shaders", venn_shader_hash(), "suite", p->suite, "precision",
                     "f32", "warmup", (int)p->warmup, "samples", (int)p->samples, "started", now,
                     "host", venn_bench_host_json(), "devices", devices);
}

venn_status venn_bench_measure(const char *const *devices, size_t n,
                               const venn_bench_params *params, char **json)
{
    venn_bench_params p;
    size_t opened = 0;
    *json = NULL;
    VENN_TRY(complete(params, &p));
    json_t *list = json_array();
    venn_status status = list ? VENN_OK : venn_fail(VENN_NO_MEMORY, "out of host memory");
    if (status == VENN_OK && n == 0)
        status = add_all(list, &p, &opened);
    for (size_t i = 0; status == VENN_OK && i < n; i++)
        opened += add_device(list, devices[i], &p);
    if (status == VENN_OK && opened == 0)
        status = VENN_NO_DEVICE; // the message is that of the last one
    if (status < 0) {
        json_decref(list);
        return status;
    }
    json_t *all = document(list, &p);
    *json = venn_json_text(all, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    json_decref(all);
    return *json ? VENN_OK : VENN_NO_MEMORY;
}

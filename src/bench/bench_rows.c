#include "base/json.h"
#include "bench/bench_rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "bench/sample_stat.h"

bool venn_bench_wanted(const venn_bench_params *params, const char *name)
{
    return !params->only || strncmp(name, params->only, strlen(params->only)) == 0;
}

__attribute__((format(printf, 2, 3))) static void say(const venn_bench_job *job, const char *format,
                                                      ...)
{
    char line[256];
    va_list args;
    if (!job->params->say)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    job->params->say(job->params->user, line);
}

// The identity of what was run: name and part hold shapes, params and batch.
static json_t *workload_of(const char *kind, const char *name, const char *part)
{
    char text[768];
    snprintf(text, sizeof text, "%s|%s|%s|f32", kind, name, part);
    return venn_bench_workload(text);
}

void venn_bench_add_failure(venn_bench_job *job, const char *kind, const char *name,
                            venn_status status)
{
    const char *outcome = venn_bench_outcome(status);
    if (status == VENN_DEVICE_LOST)
        job->fatal = status;
    json_array_append_new(job->rows,
                          json_pack("{s:s, s:s, s:s, s:o, s:s, s:s}", "kind", kind, "name", name,
                                    "part", "", "workload", workload_of(kind, name, ""), "status",
                                    outcome, "reason", venn_error_message()));
    say(job, "%-52.52s %s: %s", name, outcome, venn_error_message());
}

static json_t *numerics(const venn_bench_result *r)
{
    return json_pack("{s:o, s:f, s:s}", "error", venn_json_real(r->error), "limit", r->limit,
                     "unit", r->unit);
}

void venn_bench_add_row(venn_bench_job *job, const venn_bench_result *r)
{
    const bool right = r->error <= r->limit && !*r->wrong;
    venn_sample_stat stat;
    json_t *times = venn_bench_times_json(r->us, r->n);
    if (!times || venn_sample_stat_make(r->us, r->n, &stat) < 0) {
        json_decref(times);
        json_decref(r->more);
        venn_bench_add_failure(job, r->kind, r->name, VENN_NO_MEMORY);
        return;
    }
    const double share = venn_bench_share(&job->peaks, r->flops, r->bytes, stat.median);
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:s, s:f, s:f, s:o, s:o, s:o}", "kind", r->kind,
        "name", r->name, "part", r->part, "workload", workload_of(r->kind, r->name, r->part),
        "status", right ? "ok" : "wrong", "reason", r->wrong, "numerics", numerics(r), "clock",
        r->device_clock ? "device" : "host", "flops", r->flops, "bytes", r->bytes, "gflops",
        venn_json_real(r->flops * 1e-3 / stat.median), "gbs",
        venn_json_real(r->bytes * 1e-3 / stat.median), "peak_share", venn_json_real(share));
    json_object_update(row, times);
    json_decref(times);
    if (r->more)
        json_object_update(row, r->more);
    json_decref(r->more);
    json_array_append_new(job->rows, row);
    say(job, "%-44.44s %-8s %10.1f us  %7.2f GFLOP/s %7.2f GB/s  error %.2g of %g %s%s", r->name,
        r->part, stat.median, r->flops * 1e-3 / stat.median, r->bytes * 1e-3 / stat.median,
        r->error, r->limit, r->unit, right ? "" : "  WRONG");
}

// venn bench --work and --peaks: one thing, timed for whoever puts it beside something else.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_bench.h"
#include "venn/bench.h"

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median_of(const venn_bench_time *times, uint32_t n, size_t member, json_t *list)
{
    double *values = calloc(n, sizeof *values), median;
    if (!values)
        return 0;
    for (uint32_t i = 0; i < n; i++) {
        values[i] = *(const double *)((const char *)&times[i] + member);
        json_array_append_new(list, json_real(values[i]));
    }
    qsort(values, n, sizeof *values, ascending);
    median = values[n / 2];
    free(values);
    return median;
}

static void print_times(const cli_bench *o, const venn_bench_time *times,
                        const venn_program_info *info)
{
    json_t *wall = json_array(), *device = json_array(), *cpu = json_array();
    const double wall_us = median_of(times, o->samples, offsetof(venn_bench_time, wall_us), wall);
    const double device_us =
        median_of(times, o->samples, offsetof(venn_bench_time, device_us), device);
    const double cpu_us = median_of(times, o->samples, offsetof(venn_bench_time, cpu_us), cpu);
    json_t *row = json_pack("{s:s, s:o, s:o, s:o, s:i, s:i, s:f, s:I, s:I}", "work", o->work,
                            "wall_us", wall, "device_us", device, "cpu_us", cpu, "dispatches",
                            (int)info->dispatches, "submissions", (int)info->submissions, "flops",
                            info->flops, "transient_bytes", (json_int_t)info->transient_bytes,
                            "transient_lower", (json_int_t)info->transient_lower);
    if (o->json || o->paced) {
        json_dumpf(row, stdout, JSON_COMPACT);
        printf("\n");
        fflush(stdout);
    } else {
        printf("%s%s%s: %.3f ms", o->work, o->part ? ", " : "", o->part ? o->part : "",
               wall_us * 1e-3);
        if (device_us > 0)
            printf(", %.3f ms by the device's clock", device_us * 1e-3);
        printf(", %.3f ms of CPU (medians of %u)\n", cpu_us * 1e-3, o->samples);
    }
    json_decref(row);
}

static venn_status run_work(const cli_bench *o, venn_bench_work *work, venn_bench_time *times)
{
    char line[16];
    do {
        if (o->paced && !fgets(line, sizeof line, stdin))
            return VENN_OK;
        const venn_status status = venn_bench_work_run(work, o->samples, times);
        if (status < 0)
            return status;
        venn_program_info info;
        venn_bench_work_info(work, &info);
        print_times(o, times, &info);
    } while (o->paced);
    return VENN_OK;
}

int cli_bench_work(const cli_bench *o)
{
    venn_device *device = NULL;
    venn_bench_work *work = NULL;
    venn_bench_time *times = calloc(o->samples, sizeof *times);
    venn_status status = cli_open_device(&(cli_common){.device = o->device}, &device);
    if (status == VENN_OK)
        status = venn_bench_work_create(&work, device, o->work, o->part);
    if (status == VENN_OK && times)
        status = run_work(o, work, times);
    const int code = status < 0 ? cli_fail(status) : times ? EXIT_OK : EXIT_MEMORY;
    venn_bench_work_destroy(&work);
    venn_device_destroy(&device);
    free(times);
    return code;
}

int cli_bench_peaks(const cli_bench *o)
{
    venn_device *device = NULL;
    venn_bench_peaks p;
    venn_status status = cli_open_device(&(cli_common){.device = o->device}, &device);
    if (status == VENN_OK)
        status = venn_bench_measure_peaks(device, &p);
    if (status == VENN_OK && o->json) {
        json_t *row =
            json_pack("{s:s, s:f, s:f, s:f, s:f}", "device", venn_device_get_info(device)->name,
                      "copy_gbs", p.copy_gbs, "fma_gflops", p.fma_gflops, "dispatch_us",
                      p.dispatch_us, "submit_us", p.submit_us);
        json_dumpf(row, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(row);
    } else if (status == VENN_OK) {
        printf("%s: copy %.1f GB/s, multiply-add %.1f GFLOP/s, dispatch %.1f us, submission %.1f "
               "us\n",
               venn_device_get_info(device)->name, p.copy_gbs, p.fma_gflops, p.dispatch_us,
               p.submit_us);
    }
    const int code = status < 0 ? cli_fail(status) : EXIT_OK;
    venn_device_destroy(&device);
    return code;
}

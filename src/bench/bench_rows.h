// The rows of a result file, measured.
#ifndef VENN_BENCH_BENCH_ROWS_H
#define VENN_BENCH_BENCH_ROWS_H

#include "bench/bench_json.h"
#include "bench/meter.h"

// One device's measurement under way.
typedef struct venn_bench_job {
    venn_device *device;
    const venn_bench_params *params; // with no zero in it
    venn_meter *meter;
    venn_bench_peaks peaks;
    json_t *rows;
    venn_status fatal; // VENN_DEVICE_LOST: nothing more can be had of this device
} venn_bench_job;

// True if the row is wanted.
bool venn_bench_wanted(const venn_bench_params *params, const char *name);
// Adds a row that could not be measured, and says so.
void venn_bench_add_failure(venn_bench_job *job, const char *kind, const char *name,
                            venn_status status);
// Completes a row {kind, name} with outcome, numerics and times, adds it and says it in a line.
// error <= limit is right; flops, bytes and median decide the rates.
typedef struct venn_bench_result {
    const char *kind, *name, *part; // part: "forward", "backward", "step"
    double error, limit;            // in units of `unit`
    const char *unit;
    const char *wrong; // what was off, or ""
    const double *us;
    size_t n;
    bool device_clock;
    double flops, bytes;
    json_t *more; // its members are added; taken over; NULL: none
} venn_bench_result;
void venn_bench_add_row(venn_bench_job *job, const venn_bench_result *result);

// bench_kernels.c, bench_steps.c
void venn_bench_kernels(venn_bench_job *job);
void venn_bench_steps(venn_bench_job *job);

#endif

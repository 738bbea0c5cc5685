// The pieces of a result file (docs/bench-format.md): what was measured, as JSON. All functions return
// new references, NULL without memory.
#ifndef VENN_BENCH_BENCH_JSON_H
#define VENN_BENCH_BENCH_JSON_H

#include <jansson.h>

#include "bench/sampling.h"
#include "venn/bench.h"
#include "venn/device.h"

#define VENN_BENCH_FORMAT "venn-bench"
#define VENN_BENCH_FORMAT_VERSION 1

json_t *venn_bench_device_json(const venn_device_info *info);
json_t *venn_bench_host_json(void);
json_t *venn_bench_peaks_json(const venn_bench_peaks *peaks);
// {samples_us, median_us, mad_us, p5_us, p95_us, low_us, high_us}
json_t *venn_bench_times_json(const double *us, size_t n);
// The share of the device's own peak, of arithmetic or of memory, whichever is larger; NaN where the op
// says no cost.
double venn_bench_share(const venn_bench_peaks *peaks, double flops, double bytes, double us);
// 32 hexadecimal digits that name a workload: equal texts are equal work.
json_t *venn_bench_workload(const char *text);
// "ok", "out of memory", "device lost", "timeout", "unsupported" or "failed".
const char *venn_bench_outcome(venn_status status);

#endif

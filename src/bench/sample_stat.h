// What is said of the times of one thing measured many times: nothing that an outlier can move.
#ifndef VENN_BENCH_SAMPLE_STAT_H
#define VENN_BENCH_SAMPLE_STAT_H

#include <stddef.h>

#include "venn/base.h"

typedef struct venn_sample_stat {
    size_t n;
    double median;
    double mad;       // median of the absolute deviations from the median
    double p5, p95;   // percentiles, between neighbours linearly
    double low, high; // 95 % interval of the median: percentile bootstrap (Efron), 2,000 resamples
} venn_sample_stat;

// All NaN for n == 0. The same samples always give the same interval. VENN_NO_MEMORY.
venn_status venn_sample_stat_make(const double *samples, size_t n, venn_sample_stat *stat);

#endif

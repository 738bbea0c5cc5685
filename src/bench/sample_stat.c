#include "bench/sample_stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/status.h"

enum { RESAMPLES = 2000, RESAMPLE_STREAM = 41 };

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sort(double *x, size_t n)
{
    qsort(x, n, sizeof *x, ascending);
}

// x ascending, 0 <= p <= 1.
static double quantile(const double *x, size_t n, double p)
{
    const double at = p * (double)(n - 1);
    const size_t k = (size_t)at;
    return k + 1 < n ? x[k] + (at - (double)k) * (x[k + 1] - x[k]) : x[n - 1];
}

// Fills medians[RESAMPLES], ascending; `drawn` has room for n.
static void bootstrap(const double *x, size_t n, double *drawn, double *medians)
{
    venn_rng rng = venn_rng_make(n, 0, RESAMPLE_STREAM);
    for (size_t r = 0; r < RESAMPLES; r++) {
        for (size_t i = 0; i < n; i++)
            drawn[i] = x[venn_rng_below(&rng, (uint32_t)n)];
        sort(drawn, n);
        medians[r] = quantile(drawn, n, 0.5);
    }
    sort(medians, RESAMPLES);
}

venn_status venn_sample_stat_make(const double *samples, size_t n, venn_sample_stat *stat)
{
    *stat = (venn_sample_stat){0, NAN, NAN, NAN, NAN, NAN, NAN};
    if (n == 0)
        return VENN_OK;
    double *x = venn_alloc(2 * n + RESAMPLES, sizeof *x);
    if (!x)
        return VENN_NO_MEMORY;
    double *scratch = x + n, *medians = x + 2 * n;
    memcpy(x, samples, n * sizeof *x);
    sort(x, n);
    stat->n = n;
    stat->median = quantile(x, n, 0.5);
    stat->p5 = quantile(x, n, 0.05);
    stat->p95 = quantile(x, n, 0.95);
    bootstrap(x, n, scratch, medians);
    stat->low = quantile(medians, RESAMPLES, 0.025);
    stat->high = quantile(medians, RESAMPLES, 0.975);
    for (size_t i = 0; i < n; i++)
        scratch[i] = fabs(x[i] - stat->median);
    sort(scratch, n);
    stat->mad = quantile(scratch, n, 0.5);
    free(x);
    return VENN_OK;
}

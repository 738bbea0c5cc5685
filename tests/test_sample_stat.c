// Statistics of repeated measurements.
#include <criterion/criterion.h>
#include <math.h>

#include "base/rng.h"
#include "bench/sample_stat.h"

static venn_sample_stat make(const double *samples, size_t n)
{
    venn_sample_stat stat;
    cr_assert(venn_sample_stat_make(samples, n, &stat) == VENN_OK);
    return stat;
}

Test(sample_stat, none)
{
    venn_sample_stat stat = make(NULL, 0);
    cr_assert(stat.n == 0 && isnan(stat.median) && isnan(stat.low) && isnan(stat.mad));
}

Test(sample_stat, one)
{
    venn_sample_stat stat = make(&(double){7}, 1);
    cr_assert(stat.n == 1 && stat.median == 7 && stat.low == 7 && stat.high == 7);
    cr_assert(stat.p5 == 7 && stat.p95 == 7 && stat.mad == 0);
}

Test(sample_stat, order_does_not_matter)
{
    const double samples[] = {5, 1, 4, 2, 3};
    venn_sample_stat stat = make(samples, 5);
    cr_assert(stat.median == 3 && stat.mad == 1);
    cr_assert_float_eq(stat.p5, 1.2, 1e-12);
    cr_assert_float_eq(stat.p95, 4.8, 1e-12);
    cr_assert(samples[0] == 5, "the samples are left as they are");
}

Test(sample_stat, an_outlier_moves_little)
{
    double samples[21];
    for (int i = 0; i < 21; i++)
        samples[i] = 100 + i;
    const venn_sample_stat before = make(samples, 21);
    samples[20] = 1e6;
    const venn_sample_stat after = make(samples, 21);
    cr_assert(after.median == before.median && after.mad == before.mad);
    cr_assert(after.high < 125);
}

// Intervals at 95 % hold the true median about 95 times in 100.
Test(sample_stat, intervals_cover)
{
    const int trials = 300;
    int covered = 0;
    for (int t = 0; t < trials; t++) {
        double samples[25];
        venn_rng rng = venn_rng_make(11, 0, (uint32_t)t);
        for (int i = 0; i < 25; i++)
            samples[i] = exp((double)venn_rng_normal(&rng)); // whose median is 1
        const venn_sample_stat stat = make(samples, 25);
        covered += stat.low <= 1 && 1 <= stat.high;
    }
    cr_assert(covered > 0.90 * trials && covered < 0.995 * trials, "%d of %d", covered, trials);
}

Test(sample_stat, repeatable)
{
    const double samples[] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};
    const venn_sample_stat a = make(samples, 11), b = make(samples, 11);
    cr_assert(a.low == b.low && a.high == b.high && a.low < a.high);
}

// Statistics over seeds (see seeds_stat.h).
#include <math.h>

#include "mfh/seeds_stat.h"

static double at(const double *values, const double *minus, uint32_t i)
{
    return minus ? values[i] - minus[i] : values[i];
}

venn_mfh_stat venn_seeds_stat(const double *values, const double *minus, uint32_t n)
{
    venn_mfh_stat stat = {0};
    double squares = 0;
    for (uint32_t i = 0; i < n; i++)
        stat.mean += at(values, minus, i) / n;
    for (uint32_t i = 0; i < n; i++)
        squares += (at(values, minus, i) - stat.mean) * (at(values, minus, i) - stat.mean);
    if (n > 1)
        stat.std = sqrt(squares / (n - 1));
    stat.error = stat.std / sqrt(n);
    return stat;
}

// Unsigned division by a number known before the launch, as one multiplication and a shift: software
// devices have no vector division. shaders/lib/divisor.glsl is the other half.
#ifndef VENN_OPS_DIVISOR_H
#define VENN_OPS_DIVISOR_H

#include <stdint.h>

// out = {d, m, s} such that n / d == (n * m >> 32) >> s for every n < 2^31; m == 0 stands for d == 1.
// With 2^(l-1) < d <= 2^l, m = ceil(2^(31+l) / d) is too large by less than d / 2^(31+l) relative,
// which n < 2^31 cannot carry into the next quotient. d of 0 counts as 1.
static inline void venn_divisor(int64_t d, uint32_t out[3])
{
    int l = 0;
    while (l < 31 && (INT64_C(1) << l) < d)
        l++;
    out[0] = d > 0 ? (uint32_t)d : 1;
    out[1] = d > 1 ? (uint32_t)(((UINT64_C(1) << (31 + l)) + (uint64_t)d - 1) / (uint64_t)d) : 0;
    out[2] = d > 1 ? (uint32_t)(l - 1) : 0;
}

#endif

// n / d and n mod d for a divisor {d, m, s} made by venn_divisor (src/ops/divisor.h); n < 2^31.
#ifndef VENN_DIVISOR_GLSL
#define VENN_DIVISOR_GLSL

uint divide(uint n, uint multiplier, uint shift)
{
    uint high, low;
    umulExtended(n, multiplier, high, low);
    return multiplier == 0 ? n : high >> shift;
}

// Quotient and remainder by the divisor at divisor[3 k ..].
#define QUOTIENT(n, divisor, k) divide(n, divisor[3 * (k) + 1], divisor[3 * (k) + 2])
#define REMAINDER(n, divisor, k) ((n) - QUOTIENT(n, divisor, k) * divisor[3 * (k)])

#endif

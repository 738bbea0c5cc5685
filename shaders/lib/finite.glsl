#ifndef VENN_FINITE_GLSL
#define VENN_FINITE_GLSL

// By bits, because drivers may assume that no value is infinite or NaN.
bool is_finite(float x)
{
    return (floatBitsToUint(x) & 0x7f800000u) != 0x7f800000u;
}

#endif

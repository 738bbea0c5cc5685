// x^y of floats, within a few ULP also where y ln x is large: the logarithm is kept as a sum of two
// floats, because its rounding error would come out multiplied by y ln x. After math.glsl.
//
// `precise` does not keep these sums in order everywhere: Mesa forgets it in loops that it unrolls. So
// sums of two floats are made by cutting bits off, and KEPT hides terms behind a zero that no compiler
// can see: launches that use this file have one workgroup in z.
#ifndef VENN_POWER_GLSL
#define VENN_POWER_GLSL
#define KEPT(x) uintBitsToFloat(floatBitsToUint(x) ^ gl_WorkGroupID.z)

// ln(x) as x + y, x of 12 bits, for finite x > 0: e ln(2) + 2 artanh(s), s = f / (2 + f),
// sqrt(1/2) <= 1 + f < sqrt(2).
vec2 log_pair(float x)
{
    const bool tiny = x < 1.17549435e-38;
    const uint shifted = floatBitsToUint(mix(x, x * 8388608.0, tiny)) - 0x3f3504f3u;
    const float e = float(int(shifted) >> 23) - mix(0.0, 23.0, tiny);
    precise float f = uintBitsToFloat((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
    const float d = venn_coarse(2.0 + f), s = venn_coarse(f / (2.0 + f));
    precise float d_rest = KEPT(2.0 - d) + f;
    precise float s_rest = (KEPT(f - s * d) - s * d_rest) / (2.0 + f);
    const float z = s * s;
    const float series = 0.6666666667 + z * (0.4 + z * (0.2857142857 + z * (0.2222222222 + z * 0.186)));
    // The series takes s to the third power: there its rest counts three times.
    precise float small = (2.0 * s_rest + (s + 3.0 * s_rest) * (z * series)) - e * 2.12194440e-4;
    precise float a = e * 0.693359375, b = 2.0 * s;
    const float high = venn_coarse((a + b) + small);
    precise float rest = KEPT(KEPT(a - high) + b) + small;
    return vec2(high, rest);
}

// |x|^y for finite x other than 0.
float power_of_size(float x, float y)
{
    const vec2 l = log_pair(abs(x));
    const float y_high = venn_coarse(y);
    precise float p = uintBitsToFloat(floatBitsToUint(y * (l.x + l.y)) & 0xfffffff0u);
    precise float rest = KEPT(KEPT(y_high * l.x - p) + (y - y_high) * l.x) + y * l.y;
    // Beyond the range of exp the rest does not matter, and may be NaN.
    rest = mix(0.0, rest, abs(p) < 120.0);
    return venn_exp(p) * (1.0 + (rest + 0.5 * rest * rest));
}

// As C's pow: 1 for y = 0 whatever x, and for x = 1 whatever y; NaN for finite x < 0 unless y is whole.
float venn_pow(float x, float y)
{
    const bool whole = floor(y) == y, odd = whole && abs(y) < 16777216.0 && fract(0.5 * y) != 0.0;
    const float size = abs(x);
    float value = power_of_size(x, y);
    value = mix(value, mix(VENN_INFINITY, 0.0, y > 0.0), size == 0.0);
    value = mix(value, mix(0.0, VENN_INFINITY, y > 0.0), size == VENN_INFINITY);
    value = mix(value, -value, floatBitsToInt(x) < 0 && odd); // -0 too
    value = mix(value, VENN_NAN, x < 0.0 && size != VENN_INFINITY && !whole);
    value = mix(mix(value, x, isnan(x)), y, isnan(y));
    return mix(value, 1.0, y == 0.0 || x == 1.0 || size == 1.0 && abs(y) == VENN_INFINITY);
}

#endif

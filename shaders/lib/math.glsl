// Elementary functions that do not trust the driver's: some compute tanh(x) near 0 or exp(x) far from
// 0 with thousands of ULP of error. Each is within a few ULP (about 3e-7 relative) of the true value
// for every finite x, needs no fused multiply-add, gives the right limits at infinities and zero, and
// passes NaN through. The polynomials are minimax fits. `precise` keeps range reductions as written.
// Float and vec4 forms: software devices and GPUs alike work on scalars, so vec4 is four of them.
#ifndef VENN_MATH_GLSL
#define VENN_MATH_GLSL

#define VENN_INFINITY uintBitsToFloat(0x7f800000u)
#define VENN_NAN uintBitsToFloat(0x7fc00000u)

// 2^n p for |n| <= 252, in two steps so that neither factor leaves the normal range.
float venn_scale2(float p, int n)
{
    int half_n = n >> 1;
    return p * intBitsToFloat((half_n + 127) << 23) * intBitsToFloat((n - half_n + 127) << 23);
}

// e^x = 2^n e^r with |r| <= ln(2) / 2.
float venn_exp(float x)
{
    precise float n = floor(x * 1.442695041 + 0.5);
    precise float r = (x - n * 0.693359375) + n * 2.12194440e-4;
    float q = 0.5000000095 + r * (0.1666651867 + r * (0.04166620542 +
              r * (0.008368909017 + r * 0.001395051577)));
    precise float p = 1.0 + (r + r * r * q);
    float y = venn_scale2(p, int(n));
    y = mix(y, VENN_INFINITY, x > 88.8);
    return mix(y, 0.0, x < -104.0);
}

// e^x for x <= 0 (NaN passes through), a third cheaper: what softmax needs. 0 below -87.
float venn_exp_fall(float x)
{
    precise float n = floor(x * 1.442695041 + 0.5);
    precise float r = (x - n * 0.693359375) + n * 2.12194440e-4;
    float q = 0.5000000095 + r * (0.1666651867 + r * (0.04166620542 +
              r * (0.008368909017 + r * 0.001395051577)));
    precise float p = 1.0 + (r + r * r * q);
    return mix(p * intBitsToFloat((int(n) + 127) << 23), 0.0, x < -87.0);
}

// ln(x) = e ln(2) + ln(1 + f), sqrt(1/2) <= 1 + f < sqrt(2).
float venn_log(float x)
{
    bool tiny = x < 1.17549435e-38;
    uint bits = floatBitsToUint(mix(x, x * 8388608.0, tiny));
    uint shifted = bits - 0x3f3504f3u;
    float e = float(int(shifted) >> 23) - mix(0.0, 23.0, tiny);
    precise float f = uintBitsToFloat((shifted & 0x007fffffu) + 0x3f3504f3u) - 1.0;
    float q = 0.3333333172 + f * (-0.2500082112 + f * (0.2000122602 + f * (-0.1662335385 +
              f * (0.1420177621 + f * (-0.1316023371 + f * (0.1276146826 - f * 0.0763422574))))));
    precise float low = f * f * (f * q - 0.5) - e * 2.12194440e-4;
    precise float y = e * 0.693359375 + (f + low);
    y = mix(y, -VENN_INFINITY, x == 0.0);
    y = mix(VENN_NAN, y, x >= 0.0);
    return mix(y, x, x == VENN_INFINITY);
}

// x cut off to 12 bits: products of two such are exact.
float venn_coarse(float x)
{
    return uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u);
}

// e^x - 1 = 2^n (e^r - 1) + (2^n - 1), good relative to itself also near 0.
float venn_expm1(float x)
{
    float inside = clamp(x, -60.0, 60.0);
    precise float n = floor(inside * 1.442695041 + 0.5);
    precise float r = (inside - n * 0.693359375) + n * 2.12194440e-4;
    float q = 0.5000000095 + r * (0.1666651867 + r * (0.04166620542 +
              r * (0.008368909017 + r * 0.001395051577)));
    float power = intBitsToFloat((int(n) + 127) << 23);
    precise float y = power * (r + r * r * q) + (power - 1.0);
    return mix(y, venn_exp(x), x > 60.0 || isnan(x));
}

// ln(1 + x), good relative to itself also near 0. Elsewhere 1 + x is cut off to u, which leaves a t with
// 1 + x = u (1 + t), so small that two terms of its series do.
float venn_log1p(float x)
{
    float q = 0.3333333172 + x * (-0.2500082112 + x * (0.2000122602 + x * (-0.1662335385 +
              x * (0.1420177621 + x * (-0.1316023371 + x * (0.1276146826 - x * 0.0763422574))))));
    precise float near = x + x * x * (x * q - 0.5);
    float u = venn_coarse(1.0 + x);
    precise float t = ((1.0 - u) + x) / u;
    float far = mix(venn_log(1.0 + x), venn_log(u) + (t - 0.5 * t * t), u != 0.0 && abs(x) < 1e8);
    return mix(far, near, x > -0.2928932 && x < 0.4142135);
}

// ln(1 + e^x).
float venn_softplus(float x)
{
    return max(x, 0.0) + venn_log1p(venn_exp(-abs(x)));
}

// 1 / (1 + e^-x).
float venn_sigmoid(float x)
{
    return 1.0 / (1.0 + venn_exp(-x));
}

// x + x^3 q(x^2) below 0.625, else 1 - 2 / (e^2x + 1).
float venn_tanh(float x)
{
    float z = x * x;
    float q = -0.3333328392 + z * (0.1333149113 + z * (-0.05374348673 +
              z * (0.020650554 - z * 0.005717011013)));
    float large = 1.0 - 2.0 / (venn_exp(2.0 * abs(x)) + 1.0);
    return mix(mix(large, -large, x < 0.0), x + x * (z * q), abs(x) < 0.625);
}

// e^(-s x^2) for s = 1/2 or 1: the rounding error of x^2 is found by splitting x in two halves of 12
// bits and put back, because the exponential would blow it up.
float venn_gauss(float x, float s)
{
    precise float square = x * x;
    precise float high = uintBitsToFloat(floatBitsToUint(x) & 0xfffff000u);
    precise float low = x - high;
    precise float error = (high * high - square) + (2.0 * high * low + low * low);
    float y = venn_exp(-s * square) * (1.0 - s * error);
    return mix(y, 0.0, abs(x) > 15.0);
}

// e^(a^2) erfc(a) for 0 <= a <= 10.3 (there, erfc is as good as 0).
float venn_erfcx(float a)
{
    float t = (a - 2.0) / (a + 2.0);
    float q = 1.276978394 + t * (-0.0927639892 + t * (-0.1660314971 + t * (0.1640555036 +
              t * (-0.05420346936 + t * (-0.00806040399 + t * (0.008628524733 +
              t * (0.001313087612 - t * (0.001226105217 + t * 0.0003983364199))))))));
    return q / (1.0 + 2.0 * a);
}

// Good relative to 1 - erf, also far out.
float venn_erfc(float x)
{
    float tail = venn_gauss(x, 1.0) * venn_erfcx(min(abs(x), 11.0));
    tail = mix(tail, x, isnan(x));
    return mix(tail, 2.0 - tail, x < 0.0);
}

float venn_erf(float x)
{
    float z = x * x;
    float q = 1.128379166 + z * (-0.3761262714 + z * (0.1128360017 + z * (-0.02685444441 +
              z * (0.005189534983 + z * (-0.0008020838106 + z * 7.889108929e-05)))));
    float large = 1.0 - venn_erfc(abs(x));
    return mix(mix(large, -large, x < 0.0), x * q, abs(x) < 1.0);
}

// cos(2 pi v) for 0 <= v < 2^20. The reduction to |r| <= 1/2 quarter turns is exact.
float venn_cos_turns(float v)
{
    precise float quarter = floor(4.0 * v + 0.5);
    precise float r = 4.0 * v - quarter;
    const uint turn = uint(quarter) & 3u;
    const float z = r * r;
    const float s = r * (1.570796322 + z * (-0.6459634777 + z * (0.07968021765 - z * 0.004602149213)));
    const float c = 1.0 + z * (-1.233700541 + z * (0.2536692037 + z * (-0.0208600695 +
                    z * 0.0009036280668)));
    const float y = (turn & 1u) != 0u ? s : c;
    return turn == 1u || turn == 2u ? -y : y;
}

// The standard normal's distribution function and, in y, its density times sqrt(2 pi).
vec2 venn_normal(float x)
{
    float density = venn_gauss(x, 0.5);
    float tail = 0.5 * density * venn_erfcx(min(abs(x) * 0.7071067812, 11.0));
    return vec2(mix(1.0 - tail, tail, x < 0.0), density);
}

#define VENN_EACH(f, v) vec4(f((v).x), f((v).y), f((v).z), f((v).w))

vec4 venn_exp(vec4 x)
{
    return VENN_EACH(venn_exp, x);
}
vec4 venn_exp_fall(vec4 x)
{
    return VENN_EACH(venn_exp_fall, x);
}
vec4 venn_log(vec4 x)
{
    return VENN_EACH(venn_log, x);
}
vec4 venn_sigmoid(vec4 x)
{
    return VENN_EACH(venn_sigmoid, x);
}
vec4 venn_tanh(vec4 x)
{
    return VENN_EACH(venn_tanh, x);
}
vec4 venn_erf(vec4 x)
{
    return VENN_EACH(venn_erf, x);
}
vec4 venn_erfc(vec4 x)
{
    return VENN_EACH(venn_erfc, x);
}

#endif

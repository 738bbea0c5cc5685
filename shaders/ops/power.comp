// power: y = a^b, da = dy b a^(b - 1), db = dy y ln a, with broadcasting.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward_a SLOPE_A
// variant: backward_a.texel SLOPE_A TEXEL
// variant: backward_b SLOPE_B
// variant: backward_b.texel SLOPE_B TEXEL
#include "view.glsl"

#ifndef VENN_HOST
#include "math.glsl"
#include "power.glsl"

float value(float a, float b)
{
    return venn_pow(a, b);
}

float slope_a(float a, float b)
{
    return mix(b * venn_pow(a, b - 1.0), 0.0, b == 0.0);
}

float slope_b(float a, float b)
{
    return mix(venn_pow(a, b) * venn_log(a), 0.0, a == 0.0 && b >= 0.0);
}
#endif
#include "binary_function.glsl"

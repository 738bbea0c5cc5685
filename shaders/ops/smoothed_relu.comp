// smoothed_relu: y = 0 below 0, x^a / (a b^(a - 1)) up to b, x - (1 - 1 / a) b above.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "power.glsl"

float value(float x)
{
    const float curve = venn_pow(clamp(x / b, 0.0, 1.0), a) * b / a;
    return mix(curve, x - (b - b / a), x > b || isnan(x));
}

float slope(float x)
{
    return mix(venn_pow(clamp(x / b, 0.0, 1.0), a - 1.0), x, isnan(x));
}

#include "unary_function.glsl"
#endif

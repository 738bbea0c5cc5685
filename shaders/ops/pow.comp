// pow: y = x^a, dx = a x^(a - 1) dy.
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
    return venn_pow(x, a);
}

float slope(float x)
{
    return mix(a * venn_pow(x, a - 1.0), 0.0, a == 0.0);
}

#include "unary_function.glsl"
#endif

// reciprocal: y = 1 / x, dx = -dy / x^2.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

float value(float x)
{
    return 1.0 / x;
}

float slope(float x)
{
    return -1.0 / (x * x);
}

#include "unary_function.glsl"
#endif

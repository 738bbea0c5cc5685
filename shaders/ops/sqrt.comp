// sqrt: y = square root of x, dx = dy / (2 y), 0 at 0.
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
    return sqrt(x);
}

float slope(float x)
{
    return mix(0.5 / sqrt(x), 0.0, x == 0.0);
}

#include "unary_function.glsl"
#endif

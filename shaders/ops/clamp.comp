// clamp: y = x between a and b, dx = dy there.
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
    return mix(mix(x, a, x < a), b, x > b);
}

float slope(float x)
{
    return mix(0.0, 1.0, x >= a && x <= b);
}

#include "unary_function.glsl"
#endif

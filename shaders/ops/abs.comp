// abs: y = |x|, dx = sign(x) dy.
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
    return abs(x);
}

float slope(float x)
{
    return mix(mix(0.0, 1.0, x > 0.0), -1.0, x < 0.0);
}

#include "unary_function.glsl"
#endif

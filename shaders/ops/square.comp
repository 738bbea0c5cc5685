// square: y = x^2, dx = 2 x dy.
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
    return x * x;
}

float slope(float x)
{
    return 2.0 * x;
}

#include "unary_function.glsl"
#endif

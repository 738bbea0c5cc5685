// expm1: y = e^x - 1, dx = e^x dy.
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
    return venn_expm1(x);
}

float slope(float x)
{
    return venn_exp(x);
}

#include "unary_function.glsl"
#endif

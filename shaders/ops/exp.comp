// exp: y = e^x, dx = y dy.
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
    return venn_exp(x);
}

float slope(float x)
{
    return venn_exp(x);
}

#include "unary_function.glsl"
#endif

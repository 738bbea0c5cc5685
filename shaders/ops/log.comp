// log: y = ln x, dx = dy / x.
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
    return venn_log(x);
}

float slope(float x)
{
    return 1.0 / x;
}

#include "unary_function.glsl"
#endif

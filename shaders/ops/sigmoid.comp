// sigmoid: y = 1 / (1 + e^-x), dx = y (1 - y) dy; the backward kernel is given y.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

vec4 forward(vec4 x)
{
    return venn_sigmoid(x);
}

vec4 backward(vec4 y, vec4 dy)
{
    return dy * y * (1.0 - y);
}

#include "unary.glsl"
#endif

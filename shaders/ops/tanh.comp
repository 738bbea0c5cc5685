// tanh: y = tanh x, dx = (1 - y^2) dy; the backward kernel is given y.
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
    return venn_tanh(x);
}

vec4 backward(vec4 y, vec4 dy)
{
    return dy * (1.0 - y * y);
}

#include "unary.glsl"
#endif

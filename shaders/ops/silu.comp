// silu: y = x s, s = sigmoid(x); dx = (s + x s (1 - s)) dy.
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
    return x * venn_sigmoid(x);
}

float slope(float x)
{
    const float s = venn_sigmoid(x);
    return s + x * s * (1.0 - s);
}

#include "unary_function.glsl"
#endif

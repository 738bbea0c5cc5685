// gelu: y = x Phi(x), Phi the normal distribution function or, with TANH, its usual approximation.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
// variant: tanh TANH
// variant: tanh.texel TANH TEXEL
// variant: tanh_backward TANH BACKWARD
// variant: tanh_backward.texel TANH BACKWARD TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

#ifdef TANH
// (1 + tanh u) / 2 = sigmoid(2 u), here 2 u = sqrt(8 / pi) (x + 0.044715 x^3).
float value(float x)
{
    return x * venn_sigmoid(1.5957691216 * (x + 0.044715 * x * x * x));
}

float slope(float x)
{
    float s = venn_sigmoid(1.5957691216 * (x + 0.044715 * x * x * x));
    float near = clamp(x, -16.0, 16.0); // beyond, s (1 - s) is 0 and x * x * x may be infinite
    return s + near * s * (1.0 - s) * 1.5957691216 * (1.0 + 0.134145 * near * near);
}
#else
float value(float x)
{
    return x * venn_normal(x).x;
}

float slope(float x)
{
    vec2 normal = venn_normal(x);
    return normal.x + x * normal.y * 0.3989422804;
}
#endif

vec4 forward(vec4 x)
{
    return VENN_EACH(value, x);
}

vec4 backward(vec4 x, vec4 dy)
{
    return dy * VENN_EACH(slope, x);
}

#include "unary.glsl"
#endif

// The activations that products and convolutions apply on the way out (venn_activation).
#ifndef VENN_ACTIVATION_GLSL
#define VENN_ACTIVATION_GLSL
#include "math.glsl"

#define ACT_NONE 0
#define ACT_RELU 1
#define ACT_SIGMOID 2
#define ACT_TANH 3

vec4 activate(vec4 x, uint act)
{
    if (act == ACT_RELU)
        return mix(x, vec4(0), lessThan(x, vec4(0))); // unlike max, keeps a NaN
    if (act == ACT_SIGMOID)
        return venn_sigmoid(x);
    if (act == ACT_TANH)
        return venn_tanh(x);
    return x;
}

// dy act'(x), from y = act(x).
vec4 activate_back(vec4 dy, vec4 y, uint act)
{
    if (act == ACT_RELU)
        return mix(vec4(0), dy, greaterThan(y, vec4(0)));
    if (act == ACT_SIGMOID)
        return dy * (y * (1 - y));
    if (act == ACT_TANH)
        return dy * (1 - y * y);
    return dy;
}

#endif

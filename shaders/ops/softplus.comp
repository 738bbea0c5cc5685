// softplus: y = ln(1 + e^(a x)) / a, x where a x > b; dx = dy sigmoid(a x), dy there.
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
    return mix(venn_softplus(a * x) / a, x, a * x > b);
}

float slope(float x)
{
    return mix(venn_sigmoid(a * x), 1.0, a * x > b);
}

#include "unary_function.glsl"
#endif

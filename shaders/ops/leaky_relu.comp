// leaky_relu: y = x where x > 0, else a x; dx = dy, a dy.
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
    return mix(x, a * x, x < 0.0);
}

float slope(float x)
{
    return mix(a, 1.0, x > 0.0);
}

#include "unary_function.glsl"
#endif

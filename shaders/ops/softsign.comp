// softsign: y = x / (1 + |x|), dx = dy / (1 + |x|)^2.
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
    return x / (1.0 + abs(x));
}

float slope(float x)
{
    return 1.0 / ((1.0 + abs(x)) * (1.0 + abs(x)));
}

#include "unary_function.glsl"
#endif

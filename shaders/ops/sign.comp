// sign: y = 1 where x > 0, -1 where x < 0, else x.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

float value(float x)
{
    return mix(mix(x, 1.0, x > 0.0), -1.0, x < 0.0);
}

#include "unary_function.glsl"
#endif

// scale: y = scale x + shift; they come as a and b.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"

vec4 forward(vec4 x)
{
    return a * x + b;
}

#include "unary.glsl"
#endif

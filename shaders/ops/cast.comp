// cast: y = x. Loads and stores convert.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"

vec4 forward(vec4 x)
{
    return x;
}

#include "unary.glsl"
#endif

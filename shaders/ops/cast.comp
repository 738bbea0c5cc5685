// cast: y = x. Loads and stores convert.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(cast) { uint count; } PUSH_END(cast);

#ifndef VENN_HOST
#include "venn.glsl"

vec4 forward(vec4 x)
{
    return x;
}

#include "unary.glsl"
#endif

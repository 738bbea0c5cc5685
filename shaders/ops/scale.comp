// scale: y = scale x + shift.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(scale) {
    uint count;
    float scale, shift;
} PUSH_END(scale);

#ifndef VENN_HOST
#include "venn.glsl"

vec4 forward(vec4 x)
{
    return scale * x + shift;
}

#include "unary.glsl"
#endif

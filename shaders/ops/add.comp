// add: y = a + b, with broadcasting.
// variant: forward
// variant: forward.texel TEXEL
#include "view.glsl"

#ifndef VENN_HOST
vec4 combine(vec4 a, vec4 b)
{
    return a + b;
}
#endif
#include "binary.glsl"

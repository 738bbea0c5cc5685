// equal: y = 1 where a = b, else 0, with broadcasting.
// variant: forward
// variant: forward.texel TEXEL
#include "view.glsl"

#ifndef VENN_HOST
#include "math.glsl"

float value(float a, float b)
{
    return mix(0.0, 1.0, a == b);
}
#endif
#include "binary_function.glsl"

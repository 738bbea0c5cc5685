// maximum: y = the larger of a and b, a half of dy each where they are equal. NaN wins, and dy
// goes to both.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward_a SLOPE_A
// variant: backward_a.texel SLOPE_A TEXEL
// variant: backward_b SLOPE_B
// variant: backward_b.texel SLOPE_B TEXEL
#include "view.glsl"

#ifndef VENN_HOST
#include "math.glsl"

float value(float a, float b)
{
    return mix(mix(b, a, a > b), a, isnan(a));
}

float slope_a(float a, float b)
{
    return mix(mix(1.0, 0.0, a <= b), 0.5, a == b);
}

float slope_b(float a, float b)
{
    return mix(mix(1.0, 0.0, b <= a), 0.5, a == b);
}
#endif
#include "binary_function.glsl"

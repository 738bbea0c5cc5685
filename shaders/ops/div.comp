// div: y = a / b, da = dy / b, db = -dy a / b^2, with broadcasting.
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
    return a / b;
}

float slope_a(float a, float b)
{
    return 1.0 / b;
}

float slope_b(float a, float b)
{
    return -(a / b) / b; // b^2 may overflow
}
#endif
#include "binary_function.glsl"

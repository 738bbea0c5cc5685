// y = value(x) and dx = slope(x) dy, element by element: the shader includes push.glsl, unary_push.glsl,
// venn.glsl and math.glsl, defines `float value(float x)` and `float slope(float x)`, and includes this.
#ifdef BACKWARD
vec4 backward(vec4 x, vec4 dy)
{
    return dy * VENN_EACH(slope, x);
}
#else
vec4 forward(vec4 x)
{
    return VENN_EACH(value, x);
}
#endif
#include "unary.glsl"

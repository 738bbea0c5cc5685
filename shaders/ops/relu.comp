// relu: y = max(x, 0), dx = dy where x > 0. A NaN stays one: max() would hide it from the loss.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
#include "unary_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"

vec4 forward(vec4 x) { return mix(x, vec4(0), lessThan(x, vec4(0))); }
vec4 backward(vec4 x, vec4 dy) { return mix(vec4(0), dy, greaterThan(x, vec4(0))); }

#include "unary.glsl"
#endif

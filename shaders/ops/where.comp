// where: y = rest where the condition is not 0, else x; INVERT: the other way round. x and the condition
// broadcast, rest has y's shape.
// variant: pick
// variant: pick.texel TEXEL
// variant: inverted INVERT
// variant: inverted.texel INVERT TEXEL
#include "view.glsl"

#ifndef VENN_HOST
vec4 pick(vec4 c, vec4 u, vec4 v)
{
#ifdef INVERT
    return mix(v, u, notEqual(c, vec4(0)));
#else
    return mix(u, v, notEqual(c, vec4(0)));
#endif
}

#ifndef VENN_FUSED
INPUT(0, condition)
INPUT(1, x)
INPUT(2, rest)
OUTPUT(3, y)
VIEW(condition, KIND_0, 0)
VIEW(x, KIND_1, 1)

vec4 group(uint i)
{
    return pick(read_condition(i), read_x(i), LOAD4(rest, i));
}

void main()
{
    FOR_EACH_GROUP(group)
}
#endif
#endif

// where: y = rest where the condition is not 0, else x; INVERT: the other way round. x and the condition
// broadcast, rest has y's shape.
// variant: pick
// variant: pick.texel TEXEL
// variant: inverted INVERT
// variant: inverted.texel INVERT TEXEL
#include "view.glsl"

#ifndef VENN_HOST
INPUT(0, condition)
INPUT(1, x)
INPUT(2, rest)
OUTPUT(3, y)
VIEW(condition, KIND_0, 0)
VIEW(x, KIND_1, 1)

vec4 group(uint i)
{
    const vec4 c = read_condition(i), u = read_x(i), v = LOAD4(rest, i);
#ifdef INVERT
    return mix(v, u, notEqual(c, vec4(0)));
#else
    return mix(u, v, notEqual(c, vec4(0)));
#endif
}

void main()
{
    FOR_EACH_GROUP(group)
}
#endif

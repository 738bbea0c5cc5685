// y = value(a, b), or dy slope_a(a, b), or dy slope_b(a, b), of two operands that broadcast: the shader
// includes view.glsl and math.glsl, defines these functions of floats and includes this. dy has y's shape.
#ifndef VENN_HOST
INPUT(0, a)
INPUT(1, b)
VIEW(a, KIND_0, 0)
VIEW(b, KIND_1, 1)
#define EACH_PAIR(f, a, b) vec4(f((a).x, (b).x), f((a).y, (b).y), f((a).z, (b).z), f((a).w, (b).w))

#if defined SLOPE_A || defined SLOPE_B
INPUT(2, dy)
OUTPUT(3, y)
#ifdef SLOPE_A
#define SLOPE slope_a
#else
#define SLOPE slope_b
#endif
vec4 group(uint i)
{
    const vec4 u = read_a(i), v = read_b(i);
    return LOAD4(dy, i) * EACH_PAIR(SLOPE, u, v);
}
#else
OUTPUT(2, y)
vec4 group(uint i)
{
    const vec4 u = read_a(i), v = read_b(i);
    return EACH_PAIR(value, u, v);
}
#endif

void main()
{
    FOR_EACH_GROUP(group)
}
#endif

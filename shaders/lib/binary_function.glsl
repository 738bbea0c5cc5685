// y = value(a, b), or dy slope_a(a, b), or dy slope_b(a, b), of two operands that broadcast: the shader
// includes view.glsl and math.glsl, defines these functions of floats and includes this. dy has y's shape.
// With VENN_FUSED defined, as in unary.glsl, the functions alone are wanted.
#ifndef VENN_HOST
#ifndef EACH_PAIR
#define EACH_PAIR(f, a, b) vec4(f((a).x, (b).x), f((a).y, (b).y), f((a).z, (b).z), f((a).w, (b).w))
#endif

#if defined SLOPE_A
vec4 backward(vec4 a, vec4 b, vec4 dy)
{
    return dy * EACH_PAIR(slope_a, a, b);
}
#elif defined SLOPE_B
vec4 backward(vec4 a, vec4 b, vec4 dy)
{
    return dy * EACH_PAIR(slope_b, a, b);
}
#else
vec4 combine(vec4 a, vec4 b)
{
    return EACH_PAIR(value, a, b);
}
#endif

#ifndef VENN_FUSED
INPUT(0, a)
INPUT(1, b)
VIEW(a, KIND_0, 0)
VIEW(b, KIND_1, 1)
#if defined SLOPE_A || defined SLOPE_B
INPUT(2, dy)
OUTPUT(3, y)
vec4 group(uint i)
{
    return backward(read_a(i), read_b(i), LOAD4(dy, i));
}
#else
OUTPUT(2, y)
vec4 group(uint i)
{
    return combine(read_a(i), read_b(i));
}
#endif

void main()
{
    FOR_EACH_GROUP(group)
}
#endif
#endif

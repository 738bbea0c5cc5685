// Elementwise y = combine(a, b) of two operands that broadcast: the shader defines `vec4 combine(vec4
// a, vec4 b)` and includes this. With VENN_FUSED defined, as in unary.glsl, `combine` alone is wanted.
#if !defined VENN_HOST && !defined VENN_FUSED
INPUT(0, a)
INPUT(1, b)
OUTPUT(2, y)
VIEW(a, KIND_0, 0)
VIEW(b, KIND_1, 1)

vec4 group(uint i)
{
    return combine(read_a(i), read_b(i));
}

void main()
{
    FOR_EACH_GROUP(group)
}
#endif

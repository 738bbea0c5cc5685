// Fragments of cooperative matrices: the part of a matrix that a subgroup holds together. One text for
// VK_KHR_cooperative_matrix (COOP_KHR), VK_NV_cooperative_matrix (COOP_NV) and, without either, their
// emulation by plain code, which any device runs: what surrounds fragments is tested by it.
//
// CoopA is FM x FK, CoopB is FK x FN, both of 16 bits and loaded from shared memory in groups of eight
// elements; CoopC is FM x FN of f32. Offsets and strides are in elements, multiples of eight (of 1 for
// coop_store). A matrix lies there by columns or by rows, as a constant says. `a` and `b` name the arrays.

#define COOP_S ((gl_WorkGroupSize.x + COOP_SUBGROUPS - 1) / COOP_SUBGROUPS) // lanes

#if defined(COOP_KHR)
#define CoopA coopmat<float16_t, gl_ScopeSubgroup, FM, FK, gl_MatrixUseA>
#define CoopB coopmat<float16_t, gl_ScopeSubgroup, FK, FN, gl_MatrixUseB>
#define CoopC coopmat<float, gl_ScopeSubgroup, FM, FN, gl_MatrixUseAccumulator>
#define COOP_LOAD(fragment, array, at, stride, by_columns)                                         \
    coopMatLoad(fragment, array, (at) / 8, (stride) / 8,                                           \
                (by_columns) ? gl_CooperativeMatrixLayoutColumnMajor : gl_CooperativeMatrixLayoutRowMajor)
#define COOP_ZERO(c) c = CoopC(0.0)
#define COOP_MULTIPLY_ADD(c, a, b) c = coopMatMulAdd(a, b, c)
#define COOP_STORE(c, array, at, stride) coopMatStore(c, array, at, stride, gl_CooperativeMatrixLayoutRowMajor)
#define COOP_UNROLL [[unroll]]

#elif defined(COOP_NV)
#define CoopA fcoopmatNV<16, gl_ScopeSubgroup, FM, FK>
#define CoopB fcoopmatNV<16, gl_ScopeSubgroup, FK, FN>
#define CoopC fcoopmatNV<32, gl_ScopeSubgroup, FM, FN>
#define COOP_LOAD(fragment, array, at, stride, by_columns)                                         \
    coopMatLoadNV(fragment, array, (at) / 8, (stride) / 8, by_columns)
#define COOP_ZERO(c) c = CoopC(0.0)
#define COOP_MULTIPLY_ADD(c, a, b) c = coopMatMulAddNV(a, b, c)
#define COOP_STORE(c, array, at, stride) coopMatStoreNV(c, array, at, stride, false)
#define COOP_UNROLL [[unroll]]

#else
// A lane has every COOP_S-th element of c. Fragments of a and b stay where they are, which is right while
// the arrays do not change between load and multiplication.
struct CoopA {
    uint at, stride;
    bool by_columns;
};
#define CoopB CoopA
struct CoopC {
    float v[COOP_MOST];
};

#define COOP_LOAD(fragment, array, at, stride, by_columns) fragment = CoopA(at, stride, by_columns)
#define COOP_ZERO(c) c = coop_zero()
#define COOP_MULTIPLY_ADD(c, a, b) coop_multiply_add(c, a, b)
#define COOP_STORE(c, array, at, stride)                                                           \
    for (uint coop_e = 0; coop_e < FM * FN / COOP_S; coop_e++) {                                   \
        uint coop_at = coop_e * COOP_S + gl_SubgroupInvocationID;                                  \
        array[(at) + coop_at / FN * (stride) + coop_at % FN] = (c).v[coop_e];                      \
    }
#define COOP_UNROLL [[dont_unroll]]

CoopC coop_zero()
{
    CoopC c;
    for (uint e = 0; e < FM * FN / COOP_S; e++)
        c.v[e] = 0.0;
    return c;
}

uint coop_place(CoopA from, uint row, uint col)
{
    return from.at + (from.by_columns ? col * from.stride + row : row * from.stride + col);
}

// Element `at` of groups of eight.
#define COOP_BITS(array, at) (array[(at) / 8][(at) / 2 % 4] >> 16 * ((at) & 1u) & 0xffffu)

float coop_number(uint bits, uint type)
{
    return type == TYPE_BF16 ? venn_from_bf16(uvec4(bits)).x : venn_from_f16(uvec4(bits)).x;
}

void coop_multiply_add(inout CoopC c, CoopA x, CoopA y)
{
    for (uint e = 0; e < FM * FN / COOP_S; e++) {
        uint at = e * COOP_S + gl_SubgroupInvocationID, row = at / FN, col = at % FN;
        float sum = c.v[e];
        [[dont_unroll]] for (uint k = 0; k < FK; k++)
            sum += coop_number(COOP_BITS(tile_a, coop_place(x, row, k)), VENN_TYPE_0) *
                   coop_number(COOP_BITS(tile_b, coop_place(y, k, col)), VENN_TYPE_1);
        c.v[e] = sum;
    }
}
#endif

// Exact division by a number known on the host, without a divide instruction (software devices do
// vector divisions lane by lane). DIVISOR(d) declares d and its two helpers in a push block; on the
// host VENN_SET_DIVISOR (ops/gemm.h) fills them; in a shader DIV(n, d) is n / d for any n < 2^31.
// Method: Granlund and Montgomery 1994, figure 4.1.
#ifndef VENN_FASTDIV_GLSL
#define VENN_FASTDIV_GLSL
#define DIVISOR(name) uint name; uint name##_mul; uint name##_shift;

#ifndef VENN_HOST
uint fast_div(uint n, uint mul, uint shift)
{
    uint high, low;
    umulExtended(n, mul, high, low);
    return (high + n) >> shift;
}
#define DIV(n, d) fast_div(n, d##_mul, d##_shift)
#endif
#endif

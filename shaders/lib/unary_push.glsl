// What the kernels of functions of one operand are told (src/ops/unary.h): `a` and `b` are the function's
// params.
#ifndef VENN_FUSED
PUSH(unary) {
    uint count;
    float a, b;
} PUSH_END(unary);
#endif

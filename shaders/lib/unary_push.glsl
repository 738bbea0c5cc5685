// What the kernels of functions of one operand are told (src/ops/unary_function.c): `a` and `b` are the
// function's params.
PUSH(unary) {
    uint count;
    float a, b;
} PUSH_END(unary);

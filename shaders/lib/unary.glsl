// Elementwise y = f(x) and dx = f'(x, y) dy: the shader defines `vec4 forward(vec4 x)` and
// `vec4 backward(vec4 x, vec4 dy)` and a push block with `count`, then includes this. One invocation
// handles UNARY_VEC groups of four; arrays are padded to 16 bytes, so the last group may be read and
// written whole.
//
// With VENN_FUSED defined the functions alone are wanted, as parts of another kernel (fused.glsl).
#ifndef VENN_FUSED
#define UNARY_VEC 4
#ifdef BACKWARD
INPUT(0, x)
INPUT(1, dy)
OUTPUT(2, dx)
#else
INPUT(0, x)
OUTPUT(1, y)
#endif

void main()
{
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * UNARY_VEC + gl_LocalInvocationID.x;
    uint stride = gl_WorkGroupSize.x;
    // Reads stand outside branches, where software devices are fastest: past the end, of the last
    // group again.
    [[unroll]] for (uint k = 0; k < UNARY_VEC; k++) {
        uint i = base + k * stride, from = min(i, groups - 1);
#ifdef BACKWARD
        vec4 value = backward(LOAD4(x, from), LOAD4(dy, from));
        if (i < groups)
            STORE4(dx, i, value);
#else
        vec4 value = forward(LOAD4(x, from));
        if (i < groups)
            STORE4(y, i, value);
#endif
    }
}
#endif

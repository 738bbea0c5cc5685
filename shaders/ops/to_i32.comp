// to_i32: y = x as a whole number. What is none of i32 is settled here: shaders leave it open.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(to_i32) { uint count; } PUSH_END(to_i32);

#ifndef VENN_HOST
#include "venn.glsl"
#define VEC 4 // groups of four per invocation, as in unary.glsl

INPUT(0, x)
OUTPUT_INT(1, y)

int whole(float value)
{
    // 2^31 and beyond, and NaN, whose exponents say so: comparisons with NaN are the driver's affair.
    if ((floatBitsToUint(value) & 0x7f800000u) >= 0x4f000000u)
        return int(0x80000000u);
    return int(roundEven(value));
}

void main()
{
    const uint base = LINEAR_GROUP * gl_WorkGroupSize.x * VEC + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < VEC; k++) {
        const uint i = base + k * gl_WorkGroupSize.x, from = min(i, (count + 3) / 4 - 1);
        const vec4 values = LOAD4(x, from);
        [[unroll]] for (uint j = 0; j < 4; j++)
            if (4 * i + j < count)
                STORE_INT(y, 4 * i + j, whole(values[j]));
    }
}
#endif

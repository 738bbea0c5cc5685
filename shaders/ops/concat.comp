// concat: puts x [rows, width] into columns offset .. offset + width - 1 of y [rows, total].
// variant: place
// variant: place.texel TEXEL
#include "push.glsl"
PUSH(concat) {
    uint count;        // of x; this and the widths in groups of four where VEC
    uint total, offset;
    uint divisor[3];   // width
} PUSH_END(concat);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const uint VEC = 0;
#define PLACE_EACH 4

INPUT(0, x)
OUTPUT(1, y)

void main()
{
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * PLACE_EACH + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < PLACE_EACH; k++) {
        uint i = base + k * gl_WorkGroupSize.x, from = min(i, count - 1);
        uint row = QUOTIENT(from, divisor, 0);
        uint to = row * total + offset + from - row * divisor[0];
        if (VEC != 0) {
            vec4 value = LOAD4(x, from);
            if (i < count)
                STORE4(y, to, value);
        } else {
            float value = LOAD1(x, from);
            if (i < count)
                STORE1(y, to, value);
        }
    }
}
#endif

// The device's multiply-add ceiling: eight independent chains of four in registers, a = a m + c, `rounds`
// times sixteen links each, and next to no memory. m + c = 1 keeps the numbers near 1. flops of an
// invocation: rounds * 16 * 8 * 4 * 2.
#include "push.glsl"
PUSH(fma_peak) { uint rounds; float m; } PUSH_END(fma_peak);

#ifndef VENN_HOST
#include "venn.glsl"
OUTPUT(0, y)

void main()
{
    vec4 a[8], factor = vec4(m), term = vec4(1 - m);
    [[unroll]] for (uint k = 0; k < 8; k++)
        a[k] = vec4(LINEAR_ID + k) * m;
    [[dont_unroll]] for (uint r = 0; r < rounds; r++)
        [[unroll]] for (uint link = 0; link < 16; link++)
            [[unroll]] for (uint k = 0; k < 8; k++)
                a[k] = a[k] * factor + term;
    vec4 sum = vec4(0);
    [[unroll]] for (uint k = 0; k < 8; k++)
        sum += a[k];
    STORE4(y, LINEAR_ID, sum);
}
#endif

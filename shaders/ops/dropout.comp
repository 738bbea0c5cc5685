// dropout: y = x / (1 - p) where u >= p, else 0, u drawn for each element. The gradient is the same
// kernel on dy: the same key, step and stream draw the same u again.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(dropout) {
    uint count;
    uint stream;
    float p, factor;
} PUSH_END(dropout);

#ifndef VENN_HOST
#include "venn.glsl"
#include "rng.glsl"

#define DROPOUT_VEC 2

INPUT(0, x)
INPUT_INT(1, rng)
OUTPUT(2, y)

void main()
{
    uvec4 state = uvec4(LOAD_INT(rng, 0), LOAD_INT(rng, 1), LOAD_INT(rng, 2), LOAD_INT(rng, 3));
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * DROPOUT_VEC + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < DROPOUT_VEC; k++) {
        uint i = base + k * gl_WorkGroupSize.x, group = min(i, groups - 1);
        vec4 u = venn_rng_unit(venn_rng_block(state, stream, group));
        vec4 value = mix(vec4(0), LOAD4(x, group) * factor, greaterThanEqual(u, vec4(p)));
        if (i < groups)
            STORE4(y, i, value);
    }
}
#endif

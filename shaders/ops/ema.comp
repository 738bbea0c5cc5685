// ema: average = m average + (1 - m) value, in place. m is a scalar tensor or the push constant.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(ema)
{
    uint count;
    float momentum;
}
PUSH_END(ema);

#ifndef VENN_HOST
#include "venn.glsl"
#include "step.glsl"

INPUT(0, average)
OUTPUT(0, average_new)
INPUT(1, value)
INPUT(2, guard)
INPUT(3, scheduled)

void main()
{
    const float m = (STEP_FLAGS & STEP_HAS_SCALE) != 0u ? LOAD1(scheduled, 0) : momentum;
    bool good = is_finite(m);
    if ((STEP_FLAGS & STEP_HAS_GUARD) != 0u)
        good = good && is_finite(LOAD1(guard, 0));
    const uint groups = (count + 3) / 4;
    const uint base = LINEAR_GROUP * gl_WorkGroupSize.x * STEP_VEC + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < STEP_VEC; k++) {
        const uint i = base + k * gl_WorkGroupSize.x, from = min(i, groups - 1);
        const vec4 next = m * LOAD4(average, from) + (1.0 - m) * LOAD4(value, from);
        if (good && i < groups)
            STORE4(average_new, i, next);
    }
}
#endif

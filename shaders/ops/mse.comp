// mse: loss = scale * sum (y - t)^2, the array cut in rows of LANES * HELD groups of four; or, each, the
// squares themselves. backward: dx = 2 scale (y - t) dy.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: each ELEMENTS
// variant: each.texel ELEMENTS TEXEL
// variant: each.single ELEMENTS SINGLE
// variant: backward ELEMENTS BACKWARD
// variant: backward.texel ELEMENTS BACKWARD TEXEL
// variant: backward.single ELEMENTS BACKWARD SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "rows.glsl"

INPUT(0, y)
INPUT(1, t)

#ifdef ELEMENTS
#ifdef BACKWARD
INPUT(2, dy)
OUTPUT(3, result)

vec4 element(uint group, vec4 d)
{
    return 2.0 * scale * d * (EACH ? LOAD4(dy, group) : vec4(LOAD1(dy, 0)));
}
#else
OUTPUT(2, result)

vec4 element(uint group, vec4 d)
{
    return d * d;
}
#endif

void main()
{
    const uint groups = (length + 3) / 4, first = LINEAR_GROUP * gl_WorkGroupSize.x * HELD;
    [[unroll]] for (uint j = 0; j < HELD; j++) {
        const uint group = first + j * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
        if (group < groups)
            STORE4(result, group, element(group, LOAD4(y, group) - LOAD4(t, group)));
    }
}
#else
OUTPUT(2, total)

float row_loss(uint row)
{
    const uint last = (row_length - 1) / 4;
    vec4 sum = vec4(0);
    [[unroll]] for (uint j = 0; j < HELD; j++) {
        const uint group = (row * HELD + j) * LANES + row_lane, from = min(group, last);
        const vec4 d = LOAD4(y, from) - LOAD4(t, from);
        sum += mix(vec4(0), d * d, greaterThan(row_mask(group), vec4(0)));
    }
    return row_sum(dot(sum, vec4(1)));
}
#include "loss.glsl"
#endif
#endif

// sum_squares: sums of squares, in two stages of fixed order. Stage one: `partials` invocations sum
// every partials-th group of four, into partial[first ..]. Stage two: one workgroup sums the partials.
// variant: partial
// variant: partial.texel TEXEL
// variant: total TOTAL
// variant: total.texel TOTAL TEXEL
#include "push.glsl"
PUSH(sum_squares)
{
    uint count;    // partial: elements of x; total: groups of four in partial
    uint partials; // of this x
    uint first;
}
PUSH_END(sum_squares);

// Invocations in the workgroup of stage two; every Vulkan device allows 128.
#define TOTAL_GROUP 128

#ifndef VENN_HOST
#include "venn.glsl"

#ifdef TOTAL
layout(constant_id = 1) const uint HAS_ACC = 0u;
INPUT(0, partial)
INPUT(1, acc)
OUTPUT(2, y)
shared float lane_sum[TOTAL_GROUP];

void main()
{
    uint lane = gl_LocalInvocationID.x;
    vec4 sum = vec4(0);
    for (uint i = lane; i < count; i += TOTAL_GROUP)
        sum += LOAD4(partial, i);
    lane_sum[lane] = (sum.x + sum.y) + (sum.z + sum.w);
    barrier();
    if (lane == 0) {
        float total = HAS_ACC != 0u ? LOAD1(acc, 0) : 0.0;
        for (uint i = 0; i < TOTAL_GROUP; i++)
            total += lane_sum[i];
        STORE1(y, 0, total);
    }
}
#else
INPUT(0, x)
OUTPUT(1, partial)

vec4 squares(uint i)
{
    uint left = count - 4 * i;
    vec4 v = LOAD4(x, i);
    // What lies behind the last element is anything.
    v = mix(vec4(0), v, lessThan(uvec4(0, 1, 2, 3), uvec4(left)));
    return v * v;
}

void main()
{
    uint groups = (count + 3) / 4;
    if (LINEAR_ID >= partials)
        return;
    vec4 sum = vec4(0);
    for (uint i = LINEAR_ID; i < groups; i += partials)
        sum += squares(i);
    STORE4(partial, first + LINEAR_ID, sum);
}
#endif
#endif

// The second stage of a loss: total = scale * sum of the partial sums, by one subgroup, in fixed order; over
// the sum of the weights, whose partial sums lie behind, if it is a WEIGHTED_MEAN.
// variant: total
// variant: total.single SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "rows.glsl"

INPUT(0, part)
OUTPUT(1, total)

void main()
{
    const uint count = partials, all_steps = steps;
    const float factor = scale;
    float sum = 0.0, weight = 0.0;
    for (uint s = 0; s < all_steps; s++) {
        const uint i = s * SUBGROUP + gl_LocalInvocationID.x;
        if (i < count)
            sum += LOAD1(part, i);
        if (WEIGHTED_MEAN && i < count)
            weight += LOAD1(part, count + i);
    }
    BUTTERFLY(sum, SUBGROUP, PLUS)
    BUTTERFLY(weight, SUBGROUP, PLUS)
    const float result = WEIGHTED_MEAN ? quotient(sum * factor, weight) : sum * factor;
    if (gl_LocalInvocationID.x == 0)
        STORE1(total, 0, result);
}
#endif

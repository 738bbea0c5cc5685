// accuracy: y = number of rows whose argmax is their label. As in lib/loss.glsl: an invocation counts the
// `steps` rows that fall to it, each subgroup writes its count, and `total` adds the counts.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
// variant: total TOTAL
// variant: total.single TOTAL SINGLE
#include "push.glsl"
#include "loss_push.glsl"

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

int subgroup_sum(int a)
{
    BUTTERFLY(a, SUBGROUP, PLUS)
    return a;
}

#ifdef TOTAL
INPUT_INT(0, part)
OUTPUT_INT(1, total)

void main()
{
    const uint count = partials, all_steps = steps;
    int sum = 0;
    for (uint s = 0; s < all_steps; s++) {
        const uint i = s * SUBGROUP + gl_LocalInvocationID.x;
        if (i < count)
            sum += LOAD_INT(part, i);
    }
    sum = subgroup_sum(sum);
    if (gl_LocalInvocationID.x == 0)
        STORE_INT(total, 0, sum);
}
#else
INPUT(0, x)
INPUT_INT(1, label)
OUTPUT_INT(2, total)
ROW_INPUT(x)
#include "argmax.glsl"

void main()
{
    const uint first = rows_begin(length), count = rows, all_steps = steps;
    const uint stride = gl_NumWorkGroups.x * gl_WorkGroupSize.x / LANES;
    int sum = 0;
    for (uint s = 0; s < all_steps; s++) {
        const uint row = first + s * stride, from = min(row, count - 1);
        const bool right = int(row_argmax(from)) == LOAD_INT(label, from);
        sum += right && row < count && row_lane == 0 ? 1 : 0;
    }
    sum = subgroup_sum(sum);
    const uint subgroup = LINEAR_ID / SUBGROUP;
    if (LINEAR_ID % SUBGROUP == 0 && subgroup < partials)
        STORE_INT(total, subgroup, sum);
}
#endif
#endif

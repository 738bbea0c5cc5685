// Losses of two arrays, element by element: scale * value(y, t), summed, the array cut in rows of LANES *
// HELD groups of four; or, each, as they are. backward: dy = slope(y, t) scale dloss. KIND says which loss;
// its number s is `setting`, or with COLUMNS that of the element's column of `number`.
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

#define PAIR_SQUARE 0 // (y - t)^2
#define PAIR_ABS 1    // |y - t|
#define PAIR_SMOOTH 2 // (y - t)^2 / 2s where |y - t| < s, else |y - t| - s / 2
#define PAIR_BCE 3    // (1 - t) log(1 + e^y) + s t log(1 + e^-y)

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

layout(constant_id = 7) const uint KIND = PAIR_SQUARE;
layout(constant_id = 8) const bool COLUMNS = false;

INPUT(0, y)
INPUT(1, t)
INPUT(2, column)

vec4 value(vec4 y, vec4 t, vec4 s)
{
    const vec4 d = y - t, far = abs(d);
    if (KIND == PAIR_SQUARE)
        return d * d;
    if (KIND == PAIR_ABS)
        return far;
    if (KIND == PAIR_BCE) {
        const vec4 low = VENN_EACH(venn_log1p, venn_exp_fall(-abs(y)));
        return (1.0 - t) * (max(y, vec4(0)) + low) + s * t * (max(-y, vec4(0)) + low);
    }
    return mix(far - 0.5 * s, d * d * (0.5 / s), lessThan(far, s));
}

vec4 slope(vec4 y, vec4 t, vec4 s)
{
    const vec4 d = y - t;
    if (KIND == PAIR_SQUARE)
        return 2.0 * d;
    if (KIND == PAIR_BCE)
        return (1.0 - t) * venn_sigmoid(y) - s * t * venn_sigmoid(-y);
    const vec4 side = mix(mix(d, vec4(1), greaterThan(d, vec4(0))), vec4(-1), lessThan(d, vec4(0)));
    if (KIND == PAIR_ABS)
        return side;
    return mix(side, d / s, lessThan(abs(d), s));
}

vec4 setting_of(uint group)
{
    if (!COLUMNS)
        return vec4(setting);
    const uint columns = number;
    return vec4(LOAD1(column, 4 * group % columns), LOAD1(column, (4 * group + 1) % columns),
                LOAD1(column, (4 * group + 2) % columns), LOAD1(column, (4 * group + 3) % columns));
}

#ifdef ELEMENTS
#ifdef BACKWARD
INPUT(3, dloss)
OUTPUT(4, result)

vec4 element(uint group)
{
    const vec4 d = EACH ? LOAD4(dloss, group) : vec4(LOAD1(dloss, 0));
    return slope(LOAD4(y, group), LOAD4(t, group), setting_of(group)) * d;
}
#else
OUTPUT(3, result)

vec4 element(uint group)
{
    return value(LOAD4(y, group), LOAD4(t, group), setting_of(group));
}
#endif

void main()
{
    const uint groups = (length + 3) / 4, first = LINEAR_GROUP * gl_WorkGroupSize.x * HELD;
    const float factor = scale;
    [[unroll]] for (uint j = 0; j < HELD; j++) {
        const uint group = first + j * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
        const vec4 part = element(min(group, groups - 1)) * factor;
        if (group < groups)
            STORE4(result, group, part);
    }
}
#else
OUTPUT(3, total)

float row_loss(uint row)
{
    const uint last = (row_length - 1) / 4;
    vec4 sum = vec4(0);
    [[unroll]] for (uint j = 0; j < HELD; j++) {
        const uint group = (row * HELD + j) * LANES + row_lane, from = min(group, last);
        const vec4 part = value(LOAD4(y, from), LOAD4(t, from), setting_of(from));
        sum += mix(vec4(0), part, greaterThan(row_mask(group), vec4(0)));
    }
    return row_sum(dot(sum, vec4(1)));
}
#include "loss.glsl"
#endif
#endif

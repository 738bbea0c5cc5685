// rank: y = how many elements along the axis stand before each of x [outer, length, inner], and one, found by
// bisection in the ordered keys (order.comp).
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(rank)
{
    uint count;        // of x
    uint length, inner;
    uint keys, places; // offsets in sorted
    uint flip;         // all bits: descending order
    uint divisor[6];   // inner, length
}
PUSH_END(rank);

// Of equal elements: the mean of their ranks, the least, the greatest, or ranks in the order of places.
#define RANK_AVERAGE 0
#define RANK_LEAST 1
#define RANK_GREATEST 2
#define RANK_ORDINAL 3

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const uint TIES = 0;

INPUT(0, x)
INPUT_INT(1, sorted)
OUTPUT(2, y)
#include "bisect.glsl"
#include "real_key.glsl"

float rank_of(uint e)
{
    const uint before = QUOTIENT(e, divisor, 0), last = e - before * inner;
    const uint outer = QUOTIENT(before, divisor, 1), n = length;
    const uint row = (outer * inner + last) * n, key = real_key(LOAD1(x, e)) ^ flip;
    const uint less = keys_before(keys + row, n, key, false);
    if (TIES == RANK_LEAST)
        return float(less + 1);
    const uint not_more = less + keys_before(keys + row + less, n - less, key, true);
    if (TIES == RANK_GREATEST)
        return float(not_more);
    if (TIES == RANK_AVERAGE)
        return 0.5 * float(less + not_more + 1);
    return float(less + keys_before(places + row + less, not_more - less, before - outer * n, true));
}

void main()
{
    const uint groups = (count + 3) / 4, i = min(LINEAR_ID, groups - 1), end = count - 1;
    vec4 value;
    for (uint k = 0; k < 4; k++)
        value[k] = rank_of(min(4 * i + k, end));
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
}
#endif

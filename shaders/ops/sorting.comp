// sorting: what ops make of rows in order (order.comp). Rows lie along the middle axis of x [outer, length,
// inner]; y [outer, keep, inner] are the first `keep` elements of each, with their places on the axis, or
// the places alone. `back` puts elements where they came from. `rank` says of each element of x how many
// stand before it.
// variant: values VALUES
// variant: values.texel VALUES TEXEL
// variant: places
// variant: back BACK
// variant: back.texel BACK TEXEL
// variant: rank RANK
// variant: rank.texel RANK TEXEL
#include "push.glsl"
PUSH(sorting)
{
    uint count;        // of y
    uint length, inner;
    uint keys, places; // offsets in sorted
    uint flip;         // all bits: descending order
    uint divisor[6];   // inner, keep
}
PUSH_END(sorting);

// Of equal elements: the mean of their ranks, the least, the greatest, or ranks in the order of places.
#define RANK_AVERAGE 0
#define RANK_LEAST 1
#define RANK_GREATEST 2
#define RANK_ORDINAL 3

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

#ifndef RANK
// Element e of y stands at place `place` of row `row`, and its equals at the same inner of x begin at base.
void find(uint e, out uint row, out uint place, out uint base)
{
    const uint before = QUOTIENT(e, divisor, 0), last = e - before * inner;
    const uint outer = QUOTIENT(before, divisor, 1);
    place = before - outer * divisor[3];
    row = outer * inner + last;
    base = outer * length * inner + last;
}
#endif

#ifdef BACK
INPUT(0, y)
INPUT_INT(1, index)
OUTPUT(2, x)

void main()
{
    const uint e = min(LINEAR_ID, count - 1);
    uint row, place, base;
    find(e, row, place, base);
    const uint from = min(uint(LOAD_INT(index, e)), length - 1);
    const float value = LOAD1(y, e);
    if (LINEAR_ID < count)
        STORE1(x, base + from * inner, value);
}
#elif defined(RANK)
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
#else
#ifdef VALUES
INPUT(0, x)
INPUT_INT(1, sorted)
OUTPUT_INT(2, index)
OUTPUT(3, y)
#else
INPUT_INT(0, sorted)
OUTPUT_INT(1, index)
#endif

void main()
{
    const uint groups = (count + 3) / 4, i = min(LINEAR_ID, groups - 1), end = count - 1;
    vec4 value = vec4(0);
    [[unroll]] for (uint k = 0; k < 4; k++) {
        const uint e = min(4 * i + k, end);
        uint row, place, base;
        find(e, row, place, base);
        const uint from = uint(LOAD_INT(sorted, places + row * length + place));
        if (LINEAR_ID < groups)
            STORE_INT(index, e, int(from));
#ifdef VALUES
        value[k] = LOAD1(x, base + from * inner);
#endif
    }
#ifdef VALUES
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
#endif
}
#endif
#endif

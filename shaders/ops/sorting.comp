// sorting: what ops make of rows in order (order.comp). Rows lie along the middle axis of x [outer, length,
// inner]; y [outer, keep, inner] are the first `keep` elements of each, with their places on the axis, or
// the places alone. `back` puts elements where they came from.
// variant: values VALUES
// variant: values.texel VALUES TEXEL
// variant: places
// variant: back BACK
// variant: back.texel BACK TEXEL
#include "push.glsl"
PUSH(sorting)
{
    uint count;      // of y
    uint length, inner;
    uint places;     // offset in sorted
    uint divisor[6]; // inner, keep
}
PUSH_END(sorting);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

// Element e of y stands at place `place` of row `row`, and its equals at the same inner of x begin at base.
void find(uint e, out uint row, out uint place, out uint base)
{
    const uint before = QUOTIENT(e, divisor, 0), last = e - before * inner;
    const uint outer = QUOTIENT(before, divisor, 1);
    place = before - outer * divisor[3];
    row = outer * inner + last;
    base = outer * length * inner + last;
}

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

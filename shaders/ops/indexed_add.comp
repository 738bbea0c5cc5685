// indexed_add: y [outer, extent, inner] = base + the entries of source [outer, pitch, inner] whose index
// is this one's, in the order of their places. The index comes sorted, in rows of `size`: row
// outer * outer_row + inner * inner_row belongs to an element. Sums carry their rounding error along.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(indexed_add)
{
    uint count;        // of y; with VEC count and inner are in groups of four
    uint extent, inner, pitch, size;
    uint keys, places; // offsets in sorted
    uint outer_row, inner_row;
    uint skip;        // an entry that is named by nothing; ~0: none
    uint divisor[6];   // inner, extent
}
PUSH_END(indexed_add);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const bool VEC = false;
layout(constant_id = 2) const bool BASE = false;

INPUT(0, base)
INPUT(1, source)
INPUT_INT(2, sorted)
OUTPUT(3, y)
#include "bisect.glsl"

void add(inout vec4 sum, inout vec4 error, vec4 term)
{
    precise vec4 a = term - error;
    precise vec4 next = sum + a;
    precise vec4 lost = (next - sum) - a;
    sum = next;
    error = lost;
}

// Unit i of y: four elements, or one in .x.
vec4 unit(uint i)
{
    const uint before = QUOTIENT(i, divisor, 0), last = i - before * inner;
    const uint outer = QUOTIENT(before, divisor, 1), target = before - outer * divisor[3];
    const uint n = size, row = (outer * outer_row + last * inner_row) * n, step = inner;
    const uint place_base = places + row, key_base = keys + row, from = outer * pitch * step + last;
    vec4 sum = vec4(0), error = vec4(0);
    if (BASE)
        sum = VEC ? LOAD4(base, i) : vec4(LOAD1(base, i));
    const uint end = target == skip ? 0 : n;
    for (uint k = keys_before(key_base, n, target, false);
         k < end && uint(LOAD_INT(sorted, key_base + k)) == target; k++) {
        const uint at = from + uint(LOAD_INT(sorted, place_base + k)) * step;
        add(sum, error, VEC ? LOAD4(source, at) : vec4(LOAD1(source, at)));
    }
    return sum;
}

void main()
{
    const uint groups = VEC ? count : (count + 3) / 4, i = min(LINEAR_ID, groups - 1);
    const uint end = count - 1;
    vec4 value;
    if (VEC)
        value = unit(i);
    else
        for (uint k = 0; k < 4; k++)
            value[k] = unit(min(4 * i + k, end)).x;
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
}
#endif

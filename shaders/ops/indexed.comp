// indexed: y [outer, n, inner] = what the index names of x [outer, extent, inner]; zero where it names
// nothing. An index is at outer * outer_step + place * place_step + inner * inner_step.
// variant: forward
// variant: forward.texel TEXEL
#include "push.glsl"
PUSH(indexed)
{
    uint count;         // of y; with VEC all of inner, count and inner_step is in groups of four
    uint extent, inner;
    uint outer_step, place_step, inner_step;
    uint skip;          // an entry that is named by nothing; ~0: none
    uint divisor[6];    // inner, n
}
PUSH_END(indexed);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const bool VEC = false; // groups of four are contiguous in x

INPUT(0, x)
INPUT_INT(1, index)
OUTPUT(2, y)

// Where unit i of y is in x; false if nowhere.
bool source(uint i, out uint from)
{
    const uint before = QUOTIENT(i, divisor, 0), last = i - before * inner;
    const uint outer = QUOTIENT(before, divisor, 1), place = before - outer * divisor[3];
    const uint at = uint(LOAD_INT(index, outer * outer_step + place * place_step + last * inner_step));
    const bool inside = at < extent && at != skip;
    from = (outer * extent + (inside ? at : 0)) * inner + last;
    return inside;
}

float one(uint i)
{
    uint from;
    const bool inside = source(min(i, count - 1), from);
    return mix(0.0, LOAD1(x, from), inside);
}

void main()
{
    const uint groups = VEC ? count : (count + 3) / 4, i = min(LINEAR_ID, groups - 1);
    vec4 value;
    if (VEC) {
        uint from;
        const bool inside = source(i, from);
        value = mix(vec4(0), LOAD4(x, from), bvec4(inside));
    } else
        value = vec4(one(4 * i), one(4 * i + 1), one(4 * i + 2), one(4 * i + 3));
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
}
#endif

// slice: its gradient: x [rows, width] into columns offset .. offset + width - 1 of y [rows, total],
// zero elsewhere. (The slice itself is a view: view.comp.)
// variant: pad
// variant: pad.texel TEXEL
#include "push.glsl"
PUSH(slice) {
    uint count;         // of y, elements; the widths are in groups of four where VEC
    uint width, offset;
    uint divisor[3];    // total
} PUSH_END(slice);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const uint VEC = 0;
#define PAD_EACH 4

INPUT(0, x)
OUTPUT(1, y)

// Where column entry i of y comes from in x, and whether it does.
bool source(uint i, out uint from)
{
    uint row = QUOTIENT(i, divisor, 0), column = i - row * divisor[0] - offset;
    bool inside = column < width; // wraps around before offset
    from = inside ? row * width + column : 0;
    return inside;
}

float one(uint i)
{
    uint from;
    bool inside = source(min(i, count - 1), from);
    return mix(0.0, LOAD1(x, from), inside);
}

void main()
{
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * PAD_EACH + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < PAD_EACH; k++) {
        uint i = base + k * gl_WorkGroupSize.x, group = min(i, groups - 1), from;
        vec4 value;
        if (VEC != 0) {
            bool inside = source(group, from);
            value = mix(vec4(0), LOAD4(x, from), bvec4(inside));
        } else {
            value = vec4(one(4 * group), one(4 * group + 1), one(4 * group + 2), one(4 * group + 3));
        }
        if (i < groups)
            STORE4(y, i, value);
    }
}
#endif

// adaptive_max_pool2d: y = the greatest element of each bin and, for the way back, its index in the plane
// (the first of equals, in scan order; a NaN wins).
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "resample.glsl"

#ifndef VENN_HOST
uvec3 place_of(uint e)
{
    uint plane = QUOTIENT(e, divisor, 1), rest = e - plane * divisor[3];
    uint row = QUOTIENT(rest, divisor, 0);
    return uvec3(plane, row, rest - row * divisor[0]);
}

#ifndef BACKWARD
INPUT(0, x)
OUTPUT(1, y)
layout(set = 0, binding = 2, std430) writeonly buffer Index { ivec4 v[]; } index_4;

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    uint base[4];
    Taps down[4], across[4];
    vec4 best = vec4(uintBitsToFloat(0xff800000u)); // -infinity
    ivec4 index = ivec4(-1);
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uvec3 p = place_of(min(first + c, count - 1));
        base[c] = p.x * extent_x[0] * extent_x[1];
        down[c] = taps_of(p.y, 0);
        across[c] = taps_of(p.z, 1);
    }
    for (uint i = 0; i < most[0]; i++) {
        for (uint j = 0; j < most[1]; j++) {
            [[unroll]] for (uint c = 0; c < 4; c++) {
                bool inside = i < down[c].n && j < across[c].n;
                uint at = (down[c].first + i) * extent_x[1] + across[c].first + j;
                float v = LOAD1(x, inside ? base[c] + at : 0);
                bool wins = inside && (v > best[c] || isnan(v) || index[c] < 0);
                best[c] = wins ? v : best[c];
                index[c] = wins ? int(at) : index[c];
            }
        }
    }
    STORE4(y, first / 4, best);
    index_4.v[first / 4] = index;
}
#else
INPUT(0, dy)
OUTPUT(2, dx)
#ifdef TEXEL
INPUT(1, index)
#define INDEX(i) floatBitsToInt(LOAD1(index, i))
#else
INPUT_INT(1, index)
#define INDEX(i) LOAD_INT(index, i)
#endif

// Gathers: the gradients of the bins that chose this element.
void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    uint base[4];
    int mine[4];
    Cover down[4], across[4];
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uvec3 p = place_of(min(first + c, count - 1));
        base[c] = p.x * extent_y[0] * extent_y[1];
        mine[c] = int(p.y * extent_x[1] + p.z);
        down[c] = cover_of(p.y, 0);
        across[c] = cover_of(p.z, 1);
    }
    vec4 sum = vec4(0);
    for (uint i = 0; i < most[0]; i++) {
        for (uint j = 0; j < most[1]; j++) {
            [[unroll]] for (uint c = 0; c < 4; c++) {
                bool inside = i < down[c].n && j < across[c].n;
                uint at = base[c] + (down[c].first + i) * extent_y[1] + across[c].first + j;
                at = inside ? at : 0;
                bool chosen = INDEX(at) == mine[c];
                float v = LOAD1(dy, at);
                sum[c] += inside && chosen ? v : 0.0;
            }
        }
    }
    STORE4(dx, first / 4, sum);
}
#endif
#endif

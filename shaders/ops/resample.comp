// resample: planes made from planes of another size, each axis by itself: resized, pooled, padded. Going
// back, each element gathers what the elements made from it send.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "resample.glsl"

#ifndef VENN_HOST
INPUT(0, x) // dy going back
OUTPUT(1, y)

#ifdef BACKWARD
#define SOURCE extent_y
#define Side Cover
#define SIDE_OF cover_of
#else
#define SOURCE extent_x
#define Side Taps
#define SIDE_OF taps_of
#endif

// Element i of the sum at `place` of the grid: its weight, and where it is on the axis.
float weigh(Side side, uint place, uint i, uint axis, out uint at)
{
#ifdef BACKWARD
    return cover_weight(side, place, i, axis, at);
#else
    float weight = tap_weight(side, i);
    at = weight != 0.0 ? side.first + i : 0;
    return weight;
#endif
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    uint base[4], row[4], column[4];
    Side down[4], across[4];
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uint e = min(first + c, count - 1);
        uint plane = QUOTIENT(e, divisor, 1), rest = e - plane * divisor[3];
        row[c] = QUOTIENT(rest, divisor, 0);
        column[c] = rest - row[c] * divisor[0];
        base[c] = plane * SOURCE[0] * SOURCE[1];
        down[c] = SIDE_OF(row[c], 0);
        across[c] = SIDE_OF(column[c], 1);
    }
    vec4 sum = vec4(0);
    for (uint i = 0; i < most[0]; i++) {
        float weight[4];
        uint start[4];
        [[unroll]] for (uint c = 0; c < 4; c++) {
            uint at;
            weight[c] = weigh(down[c], row[c], i, 0, at);
            start[c] = base[c] + at * SOURCE[1];
        }
        for (uint j = 0; j < most[1]; j++) {
            [[unroll]] for (uint c = 0; c < 4; c++) {
                uint at;
                float share = weight[c] * weigh(across[c], column[c], j, 1, at);
                float v = LOAD1(x, start[c] + at);
                sum[c] += share != 0.0 ? share * v : 0.0;
            }
        }
    }
    STORE4(y, first / 4, sum);
}
#endif

// max_pool2d: y = the greatest element of each window and, for the way back, its index in the plane
// (the first of equals, in scan order; a NaN wins).
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "pool.glsl"

#ifndef VENN_HOST

#ifndef BACKWARD
INPUT(0, x)
OUTPUT(1, y)
layout(set = 0, binding = 2, std430) writeonly buffer Index { ivec4 v[]; } index_4;

float window(uint e, out int index)
{
    uvec3 p = pool_output(e);
    uint base = p.x * in_plane;
    float best = uintBitsToFloat(0xff800000u); // -infinity
    index = -1;
    for (uint i = 0; i < KERNEL_H; i++) {
        for (uint j = 0; j < KERNEL_W; j++) {
            uint at;
            bool inside = pool_tap(p, i, j, at);
            float v = LOAD1(x, inside ? base + at : 0);
            if (inside && (v > best || isnan(v) || index < 0)) {
                best = v;
                index = int(at);
            }
        }
    }
    return best;
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    vec4 best;
    ivec4 index;
    [[unroll]] for (uint c = 0; c < 4; c++) {
        int at;
        best[c] = window(min(first + c, count - 1), at);
        index[c] = at;
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

// Gathers: the gradients of the windows that chose this input.
float element(uint e)
{
    uvec3 p = pool_input(e);
    uint base = p.x * out_plane;
    int mine = int(p.y * in_w + p.z);
    float sum = 0.0;
    for (uint i = 0; i < COVER_H; i++) {
        for (uint j = 0; j < COVER_W; j++) {
            uint at;
            bool inside = pool_cover(p, COVER_H - 1 - i, COVER_W - 1 - j, at);
            at = inside ? base + at : 0;
            bool chosen = INDEX(at) == mine;
            float v = LOAD1(dy, at);
            sum += inside && chosen ? v : 0.0;
        }
    }
    return sum;
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    vec4 v;
    [[unroll]] for (uint c = 0; c < 4; c++)
        v[c] = element(min(first + c, count - 1));
    STORE4(dx, first / 4, v);
}
#endif
#endif

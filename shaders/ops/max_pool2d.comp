// max_pool2d: y = the greatest element of each window and, for the way back, its index in the plane
// (the first of equals, in scan order; a NaN wins). With a relu on top, a window with nothing positive in
// it gives 0 and no index, so that the way back needs no mask.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "pool.glsl"

#ifndef VENN_HOST

#ifndef BACKWARD
INPUT(0, x)
OUTPUT(1, y)
layout(constant_id = 7) const bool RELU = false;
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
    if (RELU && best <= 0) { // not so for a NaN
        best = 0;
        index = -1;
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
layout(constant_id = 7) const bool PAIRS = false; // elements 2 i and 2 i + 1 are in one window, and no other
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

vec2 pair(uint e)
{
    uvec3 p = pool_input(e);
    uint base = p.x * out_plane;
    int mine = int(p.y * in_w + p.z);
    vec2 sum = vec2(0);
    for (uint i = 0; i < COVER_H; i++) {
        uint at;
        bool inside = pool_cover(p, COVER_H - 1 - i, 0, at);
        at = inside ? base + at : 0;
        int chosen = inside ? INDEX(at) - mine : -1;
        float v = LOAD1(dy, at);
        sum += vec2(chosen == 0 ? v : 0.0, chosen == 1 ? v : 0.0);
    }
    return sum;
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    vec4 v;
    if (PAIRS) {
        v.xy = pair(first);
        v.zw = pair(min(first + 2, count - 2));
    } else {
        [[unroll]] for (uint c = 0; c < 4; c++)
            v[c] = element(min(first + c, count - 1));
    }
    STORE4(dx, first / 4, v);
}
#endif
#endif

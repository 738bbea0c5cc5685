// max_pool2d: y = the greatest element of each window and, for the way back, its index in the plane
// (the first of equals, in scan order; a NaN wins). With a relu on top, a window with nothing positive in
// it gives 0 and no index, so that the way back needs no mask.
// QUADS: windows of 2x2 lie side by side, and rows of x are whole groups of four; going back, windows hold all of x.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "pool.glsl"

#ifndef VENN_HOST
layout(constant_id = 8) const bool QUADS = false;

#ifndef BACKWARD
INPUT(0, x)
OUTPUT(1, y)
layout(constant_id = 7) const bool RELU = false;
layout(set = 0, binding = 2, std430) writeonly buffer Index { ivec4 v[]; } index_4;

void take(float v, uint at, inout float best, inout int index)
{
    bool better = v > best || isnan(v);
    best = better ? v : best;
    index = better ? int(at) : index;
}

float window(uvec3 p, out int index)
{
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

// Of two windows.
vec2 quads(uvec3 p, out ivec2 index)
{
    uint at = p.y * 2 * in_w + p.z * 2, from = p.x * in_plane + at;
    vec4 upper = LOAD4(x, from / 4), lower = LOAD4(x, (from + in_w) / 4);
    vec2 best = upper.xz;
    index = ivec2(at, at + 2);
    [[unroll]] for (uint c = 0; c < 2; c++) {
        uint first = at + 2 * c;
        take(upper[2 * c + 1], first + 1, best[c], index[c]);
        take(lower[2 * c], first + in_w, best[c], index[c]);
        take(lower[2 * c + 1], first + in_w + 1, best[c], index[c]);
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
    uvec3 p = pool_output(first);
    if (QUADS) {
        best.xy = quads(p, index.xy);
        if (first + 2 < count)
            p = pool_next(p, 2, out_h, out_w);
        best.zw = quads(p, index.zw);
    } else {
        [[unroll]] for (uint c = 0; c < 4; c++) {
            int at;
            best[c] = window(p, at);
            index[c] = at;
            if (first + c + 1 < count)
                p = pool_next(p, 1, out_h, out_w);
        }
    }
    if (RELU) {
        bvec4 none = lessThanEqual(best, vec4(0)); // not so for a NaN
        best = mix(best, vec4(0), none);
        index = ivec4(none.x ? -1 : index.x, none.y ? -1 : index.y, none.z ? -1 : index.z, none.w ? -1 : index.w);
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
#define INDEX4(i) floatBitsToInt(LOAD4(index, i))
#else
layout(set = 0, binding = 1, std430) readonly buffer Index { int v[]; } index_1;
layout(set = 0, binding = 1, std430) readonly buffer Index4 { ivec4 v[]; } index_4;
#define INDEX(i) index_1.v[i]
#define INDEX4(i) index_4.v[i]
#endif

// Gathers: the gradients of the windows that chose this input.
float element(uvec3 p)
{
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

vec2 pair(uvec3 p)
{
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

// All of two windows, from the first one and what they chose.
void quads(uvec3 p, vec2 v, ivec2 chosen)
{
    uint at = p.y * 2 * in_w + p.z * 2, to = p.x * in_plane + at;
    ivec4 mine = int(at) + ivec4(0, 1, 2, 3), taken = chosen.xxyy;
    STORE4(dx, to / 4, mix(vec4(0), v.xxyy, equal(taken, mine)));
    STORE4(dx, (to + in_w) / 4, mix(vec4(0), v.xxyy, equal(taken, mine + int(in_w))));
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    if (QUADS) {
        vec4 v = LOAD4(dy, first / 4);
        ivec4 chosen = INDEX4(first / 4);
        uvec3 p = pool_output(first);
        quads(p, v.xy, chosen.xy);
        if (first + 2 < count)
            quads(pool_next(p, 2, out_h, out_w), v.zw, chosen.zw);
        return;
    }
    vec4 v;
    uvec3 p = pool_input(first);
    if (PAIRS) {
        v.xy = pair(p);
        if (first + 2 < count)
            p = pool_next(p, 2, in_h, in_w);
        v.zw = pair(p);
    } else {
        [[unroll]] for (uint c = 0; c < 4; c++) {
            v[c] = element(p);
            if (first + c + 1 < count)
                p = pool_next(p, 1, in_h, in_w);
        }
    }
    STORE4(dx, first / 4, v);
}
#endif
#endif

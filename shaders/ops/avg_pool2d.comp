// avg_pool2d: y = the mean of each window, padding counted as zeros.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "pool.glsl"

#ifndef VENN_HOST
INPUT(0, x) // dy going back
OUTPUT(1, y)

float element(uint e)
{
    float sum = 0.0;
#ifndef BACKWARD
    uvec3 p = pool_output(e);
    uint base = p.x * in_plane;
    for (uint i = 0; i < KERNEL_H; i++) {
        for (uint j = 0; j < KERNEL_W; j++) {
            uint at;
            bool inside = pool_tap(p, i, j, at);
#else
    uvec3 p = pool_input(e);
    uint base = p.x * out_plane;
    for (uint i = 0; i < COVER_H; i++) {
        for (uint j = 0; j < COVER_W; j++) {
            uint at;
            bool inside = pool_cover(p, COVER_H - 1 - i, COVER_W - 1 - j, at);
#endif
            float v = LOAD1(x, inside ? base + at : 0);
            sum += inside ? v : 0.0;
        }
    }
    return sum * (1.0 / float(KERNEL_H * KERNEL_W));
}

void main()
{
    uint first = LINEAR_ID * 4;
    if (first >= count)
        return;
    vec4 v;
    [[unroll]] for (uint c = 0; c < 4; c++)
        v[c] = element(min(first + c, count - 1));
    STORE4(y, first / 4, v);
}
#endif

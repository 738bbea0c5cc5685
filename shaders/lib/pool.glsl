// Windows of pooling. An invocation handles four neighbouring elements (of y, or of dx going back);
// window sizes are specialization constants, so that small windows unroll.
#include "push.glsl"
#include "fastdiv.glsl"
PUSH(pool)
{
    uint count; uint in_h; uint out_h;
    DIVISOR(in_w) DIVISOR(in_plane) DIVISOR(out_w) DIVISOR(out_plane)
} PUSH_END(pool);

#ifndef VENN_HOST
#include "venn.glsl"
layout(constant_id = 1) const uint KERNEL_H = 2;
layout(constant_id = 2) const uint KERNEL_W = 2;
layout(constant_id = 3) const uint STRIDE_H = 2;
layout(constant_id = 4) const uint STRIDE_W = 2;
layout(constant_id = 5) const uint PAD_H = 0;
layout(constant_id = 6) const uint PAD_W = 0;

// Outputs whose window can hold one input, along an axis.
#define COVER_H ((KERNEL_H + STRIDE_H - 1) / STRIDE_H)
#define COVER_W ((KERNEL_W + STRIDE_W - 1) / STRIDE_W)

// Element e of x, or of y, as (plane, row, column).
uvec3 pool_input(uint e)
{
    uint at = DIV(e, in_plane), rest = e - at * in_plane, row = DIV(rest, in_w);
    return uvec3(at, row, rest - row * in_w);
}
// What comes `step` elements, no more than a row, behind p.
uvec3 pool_next(uvec3 p, uint step, uint height, uint width)
{
    p.z += step;
    if (p.z >= width) {
        p.yz += uvec2(1, -width);
        if (p.y >= height)
            p.xy += uvec2(1, -height);
    }
    return p;
}
uvec3 pool_output(uint e)
{
    uint at = DIV(e, out_plane), rest = e - at * out_plane, row = DIV(rest, out_w);
    return uvec3(at, row, rest - row * out_w);
}

// Input (i, j) of the window of output y: its index in the plane, and whether there is one.
bool pool_tap(uvec3 y, uint i, uint j, out uint index)
{
    uint h = y.y * STRIDE_H + i - PAD_H, w = y.z * STRIDE_W + j - PAD_W;
    index = h * in_w + w;
    return h < in_h && w < in_w;
}

// The outputs whose window holds input x, counted downwards: index in the plane, and whether.
bool pool_cover(uvec3 x, uint i, uint j, out uint index)
{
    uint h = (x.y + PAD_H) / STRIDE_H - i, w = (x.z + PAD_W) / STRIDE_W - j;
    index = h * out_w + w;
    return h < out_h && w < out_w && h * STRIDE_H + KERNEL_H > x.y + PAD_H &&
           w * STRIDE_W + KERNEL_W > x.z + PAD_W;
}
#endif

// conv2d_pack: images, weights and weight gradients with channels last, in whole groups of four, so that
// the shuffle family loads four at once (shaders/lib/conv.glsl).
// variant: image IMAGE TEXEL
// variant: weight WEIGHT TEXEL
// variant: gradient GRADIENT TEXEL
#include "push.glsl"
#include "fastdiv.glsl"
// x [images, channels, plane] in groups of `channels` -> y [images, plane, groups, quads, 4]; channels
// beyond the last are 0. An invocation moves four channels of four pixels.
#if defined(IMAGE) || defined(VENN_HOST)
PUSH(conv2d_image)
{
    uint total; uint channels; uint plane;
    DIVISOR(quads) DIVISOR(groups) DIVISOR(pixels4)
} PUSH_END(conv2d_image);
#endif
// x[group group_step + row row_step + channel channel_step + tap] -> y + start [groups, rows, taps, quads, 4]
#if defined(WEIGHT) || defined(VENN_HOST)
PUSH(conv2d_weight)
{
    uint total; uint channels; uint start; uint group_step; uint row_step; uint channel_step;
    DIVISOR(quads) DIVISOR(taps) DIVISOR(rows)
} PUSH_END(conv2d_weight);
#endif
// y [rows, channels, taps] = sum over parts p of x[start + p stride + ..] [rows, taps, quads, 4]
#if defined(GRADIENT) || defined(VENN_HOST)
PUSH(conv2d_gradient)
{
    uint total; uint start; uint stride; uint n_parts; uint quads;
    DIVISOR(channels) DIVISOR(taps)
} PUSH_END(conv2d_gradient);
#endif

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, x)
OUTPUT(1, y)

#if defined(IMAGE)
layout(constant_id = 1) const bool VEC = false; // planes start on groups of four

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    uint rest = DIV(id, quads), quad = id - rest * quads;
    uint pixels = DIV(rest, groups), group = rest - pixels * groups;
    uint image = DIV(pixels, pixels4), pixel = (pixels - image * pixels4) * 4;
    uint first = quad * 4, channel = (image * groups + group) * channels + first;
    mat4 v = mat4(0); // columns: channels
    [[unroll]] for (uint c = 0; c < 4; c++) {
        if (first + c < channels) {
            uint at = (channel + c) * plane + pixel;
            if (VEC)
                v[c] = LOAD4(x, at / 4);
            else
                [[unroll]] for (uint p = 0; p < 4; p++)
                    v[c][p] = LOAD1(x, at + min(p, plane - 1 - pixel));
        }
    }
    uint to = ((image * plane + pixel) * groups + group) * quads + quad;
    [[unroll]] for (uint p = 0; p < 4; p++) {
        if (pixel + p < plane)
            STORE4(y, to, vec4(v[0][p], v[1][p], v[2][p], v[3][p]));
        to += groups * quads;
    }
}
#elif defined(WEIGHT)
void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    uint taken = DIV(id, quads), quad = id - taken * quads;
    uint row = DIV(taken, taps), tap = taken - row * taps;
    uint group = DIV(row, rows);
    uint at = group * group_step + (row - group * rows) * row_step + tap;
    vec4 v = vec4(0);
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uint channel = min(quad * 4 + c, channels - 1);
        float t = LOAD1(x, at + channel * channel_step);
        v[c] = quad * 4 + c < channels ? t : 0.0;
    }
    STORE4(y, start / 4 + id, v);
}
#else
void main()
{
    uint id = LINEAR_ID, end = n_parts, step = stride;
    if (id * 4 >= total)
        return;
    uvec4 at;
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uint e = min(id * 4 + c, total - 1);
        uint taken = DIV(e, taps), tap = e - taken * taps;
        uint row = DIV(taken, channels), channel = taken - row * channels;
        at[c] = start + (row * taps + tap) * quads * 4 + channel;
    }
    vec4 sum = vec4(0);
    for (uint p = 0; p < end; p++) {
        [[unroll]] for (uint c = 0; c < 4; c++)
            sum[c] += LOAD1(x, at[c]);
        at += step;
    }
    STORE4(y, id, sum);
}
#endif
#endif

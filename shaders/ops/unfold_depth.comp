// unfold_depth: the slices of a volume that a convolution's kernel sees at each depth, side by side as
// channels: y[b, o, c, t, ..] = x[b, c, o stride - pad + t dilation, ..], 0 outside. fold: the way back, each
// element of x the sum of its copies.
// variant: unfold
// variant: unfold.texel TEXEL
// variant: fold FOLD
// variant: fold.texel FOLD TEXEL
#include "push.glsl"
#include "fastdiv.glsl"
// Counted in units: elements, or groups of four where planes are whole groups.
PUSH(unfold_depth)
{
    uint count; uint pad; uint dilation;
    DIVISOR(plane) DIVISOR(kernel) DIVISOR(channels) DIVISOR(depth) DIVISOR(out_depth) DIVISOR(stride)
} PUSH_END(unfold_depth);

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, x)
OUTPUT(1, y)
layout(constant_id = 1) const bool VEC = false;

// What a unit is made from: unit 0 of x if nothing.
#ifndef FOLD
#define TERMS 1
bool source(uint e, uint term, out uint at)
{
    uint line = DIV(e, plane), slice = DIV(line, kernel), place = DIV(slice, channels);
    uint image = DIV(place, out_depth), tap = line - slice * kernel;
    uint d = (place - image * out_depth) * stride - pad + tap * dilation;
    uint volume = image * channels + slice - place * channels;
    bool inside = d < depth;
    at = inside ? (volume * depth + d) * plane + e - line * plane : 0;
    return inside;
}
#else
#define TERMS kernel
bool source(uint e, uint term, out uint at)
{
    uint line = DIV(e, plane), volume = DIV(line, depth), image = DIV(volume, channels);
    uint p = line - volume * depth + pad - term * dilation, o = DIV(p, stride);
    bool inside = p < 0x80000000u && o < out_depth && o * stride == p;
    uint slice = (image * out_depth + o) * channels + volume - image * channels;
    at = inside ? (slice * kernel + term) * plane + e - line * plane : 0;
    return inside;
}
#endif

void main()
{
    uint id = LINEAR_ID;
    if (VEC ? id >= count : id * 4 >= count)
        return;
    vec4 sum = vec4(0);
    for (uint t = 0; t < TERMS; t++) {
        uint at;
        if (VEC) {
            bool inside = source(id, t, at);
            vec4 v = LOAD4(x, at);
            sum += inside ? v : vec4(0);
        } else {
            [[unroll]] for (uint c = 0; c < 4; c++) {
                bool inside = source(min(id * 4 + c, count - 1), t, at);
                float v = LOAD1(x, at);
                sum[c] += inside ? v : 0.0;
            }
        }
    }
    STORE4(y, id, sum);
}
#endif

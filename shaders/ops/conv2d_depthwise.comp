// conv2d_depthwise: the passes of conv2d where a group has one channel of x, straight from memory: as
// matrix products they would have next to no rows. An invocation makes four neighbouring elements of y
// or dx, or one element of dw over a part of the pixels.
// variant: forward
// variant: forward.texel TEXEL
// variant: data DATA
// variant: data.texel DATA TEXEL
// variant: weight WEIGHT
// variant: weight.texel WEIGHT TEXEL
#include "push.glsl"
#include "fastdiv.glsl"
// grid: planes of y, or of dx for the data gradient, `channels` of them to an image; source: planes of the
// other. per: channels of y to one of x. Weight gradient: rows of y are cut into `row_runs` runs of `run`
// pixels or less; a part sums `part_runs` of the `runs`, and writes `stride` behind the part before.
PUSH(conv2d_depthwise)
{
    uint count; uint source_h; uint source_w; uint grid_h;
    uint kernel_h; uint kernel_w; uint pad_h; uint pad_w; uint dilation_h; uint dilation_w;
    DIVISOR(grid_w) DIVISOR(grid_plane) DIVISOR(channels) DIVISOR(per) DIVISOR(taps)
    uint run; uint row_runs; uint runs; uint part_runs; uint stride;
} PUSH_END(conv2d_depthwise);

#ifndef VENN_HOST
#include "venn.glsl"
#include "activation.glsl"
INPUT(0, a)      // w, or dy for the weight gradient
INPUT(1, source) // x, dy, x
INPUT(2, bias)
OUTPUT(3, y)

layout(constant_id = 1) const uint STRIDE_H = 1;
layout(constant_id = 2) const uint STRIDE_W = 1;
layout(constant_id = 3) const uint KERNEL = 0; // the edge of a square kernel if it is small, else 0
layout(constant_id = 4) const bool HAS_BIAS = false;
layout(constant_id = 5) const uint ACT = 0;

#ifndef WEIGHT
// Where on the source's axis tap i lies of a pixel that starts at `from`; false if nowhere.
bool tap_at(int from, uint i, uint dilation, uint step, uint extent, out uint at)
{
#ifdef DATA
    uint p = uint(from - int(i * dilation));
    at = p / step;
    return at < extent && at * step == p;
#else
    at = uint(from + int(i * dilation));
    return at < extent;
#endif
}

int first_tap(uint place, uint step, uint pad)
{
#ifdef DATA
    return int(place + pad);
#else
    return int(place * step) - int(pad);
#endif
}

void main()
{
    uint first = LINEAR_ID * 4, kh = KERNEL != 0 ? KERNEL : kernel_h, kw = KERNEL != 0 ? KERNEL : kernel_w;
    if (first >= count)
        return;
    uint plane[4], channel[4];
    int down[4], across[4];
    [[unroll]] for (uint c = 0; c < 4; c++) {
        uint e = min(first + c, count - 1);
        plane[c] = DIV(e, grid_plane);
        channel[c] = plane[c] - DIV(plane[c], channels) * channels;
        uint rest = e - plane[c] * grid_plane, row = DIV(rest, grid_w);
        down[c] = first_tap(row, STRIDE_H, pad_h);
        across[c] = first_tap(rest - row * grid_w, STRIDE_W, pad_w);
    }
    vec4 sum = vec4(0);
#ifdef DATA
    for (uint q = 0; q < per; q++)
#endif
    for (uint i = 0; i < kh; i++) {
        for (uint j = 0; j < kw; j++) {
            [[unroll]] for (uint c = 0; c < 4; c++) {
                uint h, w;
                bool inside = tap_at(down[c], i, dilation_h, STRIDE_H, source_h, h);
                inside = tap_at(across[c], j, dilation_w, STRIDE_W, source_w, w) && inside;
#ifdef DATA
                uint from = plane[c] * per + q, row = channel[c] * per + q;
#else
                uint from = DIV(plane[c], per), row = channel[c];
#endif
                float v = LOAD1(source, inside ? (from * source_h + h) * source_w + w : 0);
                sum[c] += inside ? v * LOAD1(a, (row * kh + i) * kw + j) : 0.0;
            }
        }
    }
    if (HAS_BIAS)
        [[unroll]] for (uint c = 0; c < 4; c++)
            sum[c] += LOAD1(bias, channel[c]);
    STORE4(y, first / 4, activate(sum, ACT));
}
#else

// Sum of a run's dy[at ..] x[from ..] over the columns `begin` to `end` of y.
float run_sum(uint at, int from, int begin, int end)
{
    float sum = 0.0;
    for (int w = begin; w < end; w++)
        sum += LOAD1(a, at + w) * LOAD1(source, from + w * int(STRIDE_W));
    return sum;
}

void main()
{
    uint e = LINEAR_ID, k = DIV(e, taps), tap = e - k * taps;
    if (e >= count)
        return;
    int i = int(tap / kernel_w), j = int(tap % kernel_w), step = int(STRIDE_W);
    int down = i * int(dilation_h) - int(pad_h), across = j * int(dilation_w) - int(pad_w);
    // Columns of y whose tap is on a column of x.
    int low = (max(-across, 0) + step - 1) / step;
    int high = min((int(source_w) - 1 - across + step) / step, int(grid_w));
    uint at = gl_WorkGroupID.z * part_runs, end = min(at + part_runs, runs);
    uint line = at / row_runs, segment = at % row_runs, image = line / grid_h, row = line % grid_h;
    float sum = 0.0;
    for (; at < end; at++) {
        int h = int(row * STRIDE_H) + down, begin = int(segment * run);
        uint plane = image * channels + k;
        int from = (int(DIV(plane, per)) * int(source_h) + h) * int(source_w) + across;
        bool inside = uint(h) < source_h;
        sum += run_sum((plane * grid_h + row) * grid_w, from, max(begin, low),
                       inside ? min(begin + int(run), high) : 0);
        segment++;
        row += segment == row_runs ? 1 : 0;
        segment = segment == row_runs ? 0 : segment;
        image += row == grid_h ? 1 : 0;
        row = row == grid_h ? 0 : row;
    }
    STORE1(y, gl_WorkGroupID.z * stride + e, sum);
}
#endif
#endif

// gemm: what stands around a matrix product: operands rearranged in panels, the sum over parts of k with
// bias and activation, the activation's gradient mask, and the bias gradient.
// variant: pack PACK TEXEL
// variant: reduce REDUCE
// variant: reduce.texel REDUCE TEXEL
// variant: mask MASK
// variant: mask.texel MASK TEXEL
// variant: bias BIAS
// variant: bias.texel BIAS TEXEL
#include "push.glsl"
#include "gemm.glsl"

#if defined(PACK) || defined(VENN_HOST)
// x [k, columns] -> y + start [panels, k, quads, 4], so that what a tile reads lies together; the last
// panel is filled with whatever. All but k in groups of four.
PUSH(gemm_pack) { uint total; uint k; uint columns; uint start; DIVISOR(quads) DIVISOR(chunks) } PUSH_END(gemm_pack);
#endif
#if defined(REDUCE) || defined(VENN_HOST)
// y[i] = act(sum over p of part[p stride + i] + bias[i mod cols]), i < count; stride a multiple of 4. With a gate,
// y[i] = that times the slope of its activation, of which gate[i] is the result. What comes behind y in a part, groups
// of four, is summed to `tail`, `more` groups of it.
PUSH(gemm_reduce) { uint count; uint n_parts; uint stride; uint has_bias; DIVISOR(cols) uint more; } PUSH_END(gemm_reduce);
#endif
#if defined(MASK) || defined(VENN_HOST)
// dz = dy act'(y), from the output y.
PUSH(gemm_mask) { uint count; } PUSH_END(gemm_mask);
#endif
#if defined(BIAS) || defined(VENN_HOST)
// x is [outer, channels, inner]; part p sums the rows p rows .. of outer:
// y[p stride + c] = sum of x[o, c, i]. One invocation per channel, or per four if inner is 1.
PUSH(gemm_bias)
{
    uint outer; uint inner; uint rows; uint stride; uint total;
    DIVISOR(groups)
    uint channels;
} PUSH_END(gemm_bias);
#endif

#ifndef VENN_HOST
#include "venn.glsl"
layout(constant_id = 1) const uint MODE = 0; // reduce, mask: ACT; bias: see below
layout(constant_id = 2) const uint GATE = 0; // reduce: the activation of the gate

#if defined(PACK)
INPUT(0, x)
OUTPUT(1, y)
#define ROWS 4 // k's of an invocation; chunks of them make k

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    uint rest = DIV(id, quads), quad = id - rest * quads;
    uint panel = DIV(rest, chunks), row = (rest - panel * chunks) * ROWS;
    uint from = min(panel * quads + quad, columns - 1), to = start + panel * k * quads + quad;
    [[unroll]] for (uint r = 0; r < ROWS; r++) {
        uint at = min(row + r, k - 1);
        STORE4(y, to + at * quads, LOAD4(x, at * columns + from));
    }
}

#elif defined(REDUCE)
INPUT(0, part)
INPUT(1, bias)
OUTPUT(2, y)
INPUT(3, gate)
OUTPUT(4, tail)

void main()
{
    uint i = LINEAR_ID, step = stride / 4, end = n_parts, groups = (count + 3) / 4;
    if (i >= groups + more)
        return;
    vec4 sum = vec4(0);
    uint at = i;
    for (uint p = 0; p < end; p++, at += step)
        sum += LOAD4(part, at);
    if (i >= groups) {
        STORE4(tail, i - groups, sum);
        return;
    }
    if (has_bias != 0) {
        [[unroll]] for (uint c = 0; c < 4; c++) {
            uint e = i * 4 + c;
            sum[c] += LOAD1(bias, e - DIV(e, cols) * cols);
        }
    }
    sum = activate(sum, MODE);
    if (GATE != ACT_NONE)
        sum = activate_back(sum, LOAD4(gate, i), GATE);
    STORE4(y, i, sum);
}

#elif defined(MASK)
INPUT(0, y)
INPUT(1, dy)
OUTPUT(2, dz)
#define VECS 4

void main()
{
    uint groups = (count + 3) / 4;
    uint base = LINEAR_GROUP * gl_WorkGroupSize.x * VECS + gl_LocalInvocationID.x;
    [[unroll]] for (uint k = 0; k < VECS; k++) {
        uint i = base + k * gl_WorkGroupSize.x;
        if (i < groups) {
            vec4 v = LOAD4(y, i), d = LOAD4(dy, i);
            STORE4(dz, i, activate_back(d, v, MODE));
        }
    }
}

#else
INPUT(0, x)
OUTPUT(1, y)
#define BY_COLUMN 0  // inner is 1, any number of channels
#define BY_COLUMN4 1 // inner is 1, channels a multiple of 4
#define BY_PLANE 2   // any inner
#define BY_PLANE4 3  // inner a multiple of 4
#define UNROLL 8

// Groups of four channels, rows unrolled.
vec4 sum_columns(uint group, uint first, uint end, uint width)
{
    vec4 sum = vec4(0);
    uint last = width - 1;
    for (uint o = first; o < end; o += UNROLL) {
        [[unroll]] for (uint u = 0; u < UNROLL; u++) {
            uint row = min(o + u, end - 1);
            vec4 v;
            if (MODE == BY_COLUMN4)
                v = LOAD4(x, row * (width / 4) + group);
            else
                [[unroll]] for (uint c = 0; c < 4; c++)
                    v[c] = LOAD1(x, row * width + min(group * 4 + c, last));
            sum += o + u < end ? v : vec4(0);
        }
    }
    return sum;
}

float sum_planes(uint channel, uint first, uint end, uint width, uint size)
{
    float total = 0;
    for (uint o = first; o < end; o++) {
        uint at = (o * width + channel) * size;
        vec4 sum = vec4(0);
        for (uint i = 0; i < size; i += 4 * UNROLL) {
            [[unroll]] for (uint u = 0; u < 4 * UNROLL; u += 4) {
                uint e = min(i + u, size - 1);
                if (MODE == BY_PLANE4) {
                    vec4 v = LOAD4(x, (at + e) / 4);
                    sum += i + u < size ? v : vec4(0);
                } else {
                    [[unroll]] for (uint c = 0; c < 4; c++) {
                        float v = LOAD1(x, at + min(i + u + c, size - 1));
                        sum[c] += i + u + c < size ? v : 0.0;
                    }
                }
            }
        }
        total += (sum.x + sum.y) + (sum.z + sum.w);
    }
    return total;
}

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    uint p = DIV(id, groups), group = id - p * groups;
    uint first = p * rows, end = min(outer, first + rows);
    if (MODE <= BY_COLUMN4) {
        vec4 sum = sum_columns(group, first, end, channels);
        STORE4(y, p * (stride / 4) + group, sum);
    } else {
        STORE1(y, p * stride + group, sum_planes(group, first, end, channels, inner));
    }
}
#endif
#endif

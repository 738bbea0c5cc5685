// conv2d: y = act(w * x + bias) on images, and the gradients of x and w, as matrix products
// (shaders/lib/conv.glsl) of all families (shaders/lib/gemm_*.glsl).
// variant: forward.shuffle SHUFFLE TEXEL
// variant: data.shuffle DATA SHUFFLE TEXEL
// variant: weight.shuffle WEIGHT SHUFFLE TEXEL
// variant: forward.tile
// variant: data.tile DATA
// variant: weight.tile WEIGHT
// variant: forward.direct DIRECT
// variant: data.direct DATA DIRECT
// variant: weight.direct WEIGHT DIRECT
#include "push.glsl"
#include "gemm.glsl"
// The source of points (x, dy, x) and the grid of pixels (of y, dx, dy). Pixels are numbered through all
// images with `pixels` each: plane, rounded up to four where lanes own four of them. pad and dilation
// hold the height's in the low half and the width's in the high half. inner: taps of a channel, or, if
// PACKED, channels of a tap. start: where, if PACKED, packed weights or the weight gradient begin in the
// memory that starts with the packed source.
PUSH(conv2d)
{
    GEMM_PUSH
    uint source_h; uint source_w; uint source_batch; uint source_group;
    uint plane; uint grid_batch;
    DIVISOR(grid_w) DIVISOR(pixels) DIVISOR(kernel_w) DIVISOR(inner)
    uint pad; uint dilation; uint pixel_step; uint start;
} PUSH_END(conv2d);

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, a) // w, or dy for the weight gradient
INPUT(1, source)
INPUT(2, bias)
OUTPUT(3, y)

layout(constant_id = 7) const uint STRIDE_H = 1;
layout(constant_id = 8) const uint STRIDE_W = 1;
layout(constant_id = 9) const bool BOUNDS = true; // taps may fall outside, or k may end early
layout(constant_id = 10) const bool HAS_BIAS = false; // weight gradient: sums of dy follow the sums of each part
layout(constant_id = 11) const bool PACKED = false;
#include "conv.glsl"

// Where this group's part of `a` starts, and from there one row of the product to the next.
uint a_base()
{
#ifdef WEIGHT
    return GEMM_BATCH * m * plane;
#else
    return (PACKED ? start : 0) + GEMM_BATCH * m * k;
#endif
}

uint a_row()
{
#if defined(WEIGHT)
    return plane;
#elif defined(DATA)
    return PACKED ? k : inner;
#else
    return k;
#endif
}

// Index i of k: where it is in a row of `a`, and the point in the source.
Point k_point(uint i, uint base, out uint a_offset)
{
#ifdef WEIGHT
    uint image = DIV(i, pixels), place = i - image * pixels;
    a_offset = image * grid_batch + place;
    return conv_pixel(image, place, base);
#else
    uint channel, place;
    Point t = conv_tap(i, channel, place);
#ifdef DATA
    a_offset = PACKED ? i : channel * m * inner + place;
#else
    a_offset = i;
#endif
    return t;
#endif
}

// Column i of y: the point in the source.
Point column_point(uint i, uint base)
{
    uint channel, place;
#ifdef WEIGHT
    return conv_tap(i, channel, place);
#else
    channel = DIV(i, pixels);
    place = min(i - channel * pixels, plane - 1);
    return conv_pixel(channel, place, base);
#endif
}

#ifdef WEIGHT
// From one part to the next.
uint part_step(uint groups)
{
    return (groups * m * n + 3) / 4 * 4 + (HAS_BIAS ? (groups * m + 3) / 4 * 4 : 0);
}
#endif

// Where y[0, col] is for the part and group of this workgroup; rows are row_step() apart.
uint y_base(uint col, out uint room)
{
#ifdef WEIGHT
    uint groups = gl_NumWorkGroups.z / parts;
    room = n - min(col, n);
    return (PACKED ? start : 0) + GEMM_PART * part_step(groups) + GEMM_BATCH * m * n + col;
#else
    uint image = DIV(col, pixels), place = col - image * pixels;
    room = col < n ? plane - min(place, plane) : 0;
    return image * grid_batch + GEMM_BATCH * m * plane + place;
#endif
}

uint row_step()
{
#ifdef WEIGHT
    return n;
#else
    return plane;
#endif
}

#ifdef SHUFFLE
#define GEMM_END(v, to) activate(v, ACT)
#ifdef WEIGHT
#define GEMM_SUMS (HAS_BIAS ? 1 : 0)
#endif
#include "gemm_shuffle.glsl"

Point column[4];
int height, width, pixel;
uint k_base, k_offset; // k_offset: of lane's k in a row of `a`

uint gemm_a_offset(uint u)
{
    return subgroupShuffle(k_offset, u);
}

// Lane l looks up k0 + l; KU <= S.
void gemm_load_b(uint k0, uint k_end)
{
    uint at = k0 + gl_SubgroupInvocationID;
    Point mine = k_point(K_TAIL ? min(at, k_end - 1) : at, k_base, k_offset);
    if (K_TAIL && at >= k_end)
        mine = CONV_OUTSIDE;
#if defined(WEIGHT)
    const uint step = 1; // k's that share a point
#else
    const uint step = PACKED ? 4 : 1;
#endif
    [[unroll]] for (uint u = 0; u < KU; u += step) {
        Point p = Point(subgroupShuffle(mine.h, u), subgroupShuffle(mine.w, u),
                        subgroupShuffle(mine.offset, u));
#ifdef WEIGHT
        if (PACKED) { // four columns are four channels
            gemm_b[u] = conv_load4(column[0], p, height, width, pixel);
            continue;
        }
#endif
        [[unroll]] for (uint c = 0; c < 4; c++) {
            if (PACKED) { // four k's are four channels
                vec4 v = conv_load4(column[c], p, height, width, pixel);
                [[unroll]] for (uint j = 0; j < step; j++)
                    gemm_b[u + j][c] = v[j];
            } else {
                gemm_b[u][c] = conv_load1(column[c], p, height, width, pixel);
            }
        }
    }
}

void main()
{
    if (GEMM_PAST_END)
        return;
    uint tile_n = GEMM_TILE_N;
    uint row0 = GEMM_TILE_M * TILE_ROWS, base = GEMM_BATCH * source_group;
    uint col = (tile_n * S + gl_SubgroupInvocationID) * 4;
    height = int(source_h);
    width = int(source_w);
    pixel = int(pixel_step);
    k_base = base;
    gemm_rows(row0, m, a_base(), a_row());
    [[unroll]] for (uint c = 0; c < 4; c++)
        column[c] = column_point(min(col + c, n - 1), base);
    gemm_sum(GEMM_PART * k_part, min(k, (GEMM_PART + 1) * k_part));
#ifdef WEIGHT
    if (HAS_BIAS && tile_n == 0) {
        uint groups = gl_NumWorkGroups.z / parts, at = GEMM_PART * part_step(groups) + (groups * m * n + 3) / 4 * 4;
        GEMM_STORE_ROW_SUMS(y, at + GEMM_BATCH * m, row0, m)
    }
#else
    if (HAS_BIAS) {
        [[unroll]] for (uint g = 0; g < A_GROUPS; g++) {
            uint row = min(row0 + g * S + gl_SubgroupInvocationID, m - 1);
            gemm_row[g] = floatBitsToUint(LOAD1(bias, GEMM_BATCH * m + row));
        }
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
            gemm_acc[i] += uintBitsToFloat(subgroupShuffle(gemm_row[i / S], i % S));
    }
#endif
    uint room, to = y_base(col, room);
    gemm_store(to + row0 * row_step(), row_step(), m - row0, room);
}
#else
#ifdef DIRECT
#include "gemm_direct.glsl"
#else
#include "gemm_tile.glsl"
#endif

Point column[4], current;
uint current_a;

void gemm_column(uint slot, uint col)
{
    column[slot] = column_point(col, GEMM_BATCH * source_group);
}

void gemm_k(uint at)
{
    current = k_point(at, GEMM_BATCH * source_group, current_a);
}

float gemm_load_a(uint row)
{
    return LOAD1(a, a_base() + row * a_row() + current_a);
}

float gemm_load_b(uint slot)
{
    return conv_load1(column[slot], current, int(source_h), int(source_w), int(pixel_step));
}

void gemm_store(uint row, uint col, float v)
{
    if (HAS_BIAS)
        v += LOAD1(bias, GEMM_BATCH * m + row);
    uint room, to = y_base(col, room);
    if (room > 0)
        STORE1(y, to + row * row_step(), activate(vec4(v), ACT).x);
}

void main()
{
    gemm_tile();
}
#endif
#endif

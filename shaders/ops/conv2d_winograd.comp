// conv2d_winograd: the passes of a convolution by Winograd's products at points (shaders/lib/winograd.glsl). Images,
// weights and results are brought to points and back here, four channels to an invocation; between them stands one
// matrix product for each of the points, 64 for 5x5 taps and 36 for 3x3. At points everything is [point, row, channel],
// channels a multiple of four.
// variant: window.texel WINDOW TEXEL
// variant: window3.texel WINDOW THREE TEXEL
// variant: results.texel RESULTS_IN TEXEL
// variant: results3.texel RESULTS_IN THREE TEXEL
// variant: weight.texel WEIGHT TEXEL
// variant: weight3.texel WEIGHT THREE TEXEL
// variant: product.shuffle PRODUCT TEXEL
// variant: image.texel IMAGE TEXEL
// variant: image3.texel IMAGE THREE TEXEL
// variant: gradient.texel GRADIENT TEXEL
// variant: gradient3.texel GRADIENT THREE TEXEL
#include "push.glsl"
#include "gemm.glsl"

#if !defined(PRODUCT) || defined(VENN_HOST)
// quads: groups of four channels. Of images: tiles, tiles_x in a row; pad: rows and columns of zeros before them; first:
// the first image. Of weights: the elements between rows and channels; flip: taps backwards. start: where the points
// begin, step: from one point to the next, both in groups of four; parts: sums of points that are to be added.
PUSH(conv2d_winograd)
{
    uint total; uint height; uint width; uint pad;
    DIVISOR(quads) DIVISOR(tiles) DIVISOR(tiles_x)
    uint row_step; uint channel_step; uint flip;
    uint start; uint step; uint first; uint parts;
} PUSH_END(conv2d_winograd);
#endif
#if defined(PRODUCT) || defined(VENN_HOST)
// y[point, m, n] = sum over k of a[point, m, k] b[point, k, n]; a's rows are a_row apart, its k's a_k.
PUSH(conv2d_winograd_product)
{
    GEMM_PUSH
    uint a_row; uint a_k;
    uint a_start; uint b_start; uint y_start;
    uint a_step; uint b_step; uint y_step;
} PUSH_END(conv2d_winograd_product);
#endif

#ifndef VENN_HOST
#include "venn.glsl"

#ifdef PRODUCT
INPUT(0, a)
INPUT(1, b)
OUTPUT(2, y)
#define GEMM_END(v, to) activate(v, ACT)
#include "gemm_shuffle.glsl"
#include "gemm_short.glsl"

uint chunk, b_at;

uint gemm_a_offset(uint u)
{
    uint at = K_TAIL ? min(chunk + u, k - 1) : chunk + u;
    return at * a_k;
}

void gemm_load_b(uint k0, uint k_end)
{
    chunk = k0;
    [[unroll]] for (uint u = 0; u < KU; u++) {
        uint at = K_TAIL ? min(k0 + u, k - 1) : k0 + u;
        vec4 t = LOAD4(b, (b_at + at * n) / 4);
        gemm_b[u] = K_TAIL && k0 + u >= k_end ? vec4(0) : t;
    }
}

void main()
{
    if (GEMM_PAST_END)
        return;
    const uint point = GEMM_BATCH, tile_rows = BLOCKS == 0 ? TILE_ROWS : BLOCKS * S;
    const uint row0 = GEMM_TILE_M * tile_rows, a_at = a_start + point * a_step;
    const uint col = (GEMM_TILE_N * S + gl_SubgroupInvocationID) * 4, columns = n - min(col, n);
    const uint y_at = y_start + point * y_step + row0 * n + col;
    b_at = b_start + point * b_step + min(col, n - 4);
    if (BLOCKS != 0) {
        gemm_short(row0, m, a_at, a_row, y_at, n, columns);
    } else {
        gemm_rows(row0, m, a_at, a_row);
        gemm_sum(0, k);
        gemm_store(y_at, n, m - row0, columns);
    }
}
#else
#include "winograd.glsl"
layout(constant_id = 1) const uint ACT = 0;
layout(constant_id = 2) const bool HAS_BIAS = false;
layout(constant_id = 3) const bool VEC = false; // rows of the image are whole groups of four

// Which channels, and the upper left of which tile of which image.
struct Place {
    uint channel, image;
    int h, w;
};

Place place_of(uint id, uint side, uint before)
{
    uint tile = DIV(id, quads), quad = id - tile * quads;
    uint image = DIV(tile, tiles), rest = tile - image * tiles, row = DIV(rest, tiles_x);
    return Place(4 * quad, first + image, int(row * side) - int(before), int((rest - row * tiles_x) * side) - int(before));
}

#if defined(WINDOW) || defined(RESULTS_IN)
INPUT(0, x)
OUTPUT(1, y)
#ifdef WINDOW
#define SIDE POINTS
#define BEFORE pad
#else
#define SIDE RESULTS
#define BEFORE 0
#endif

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    Place p = place_of(id, RESULTS, BEFORE);
    uint plane = height * width, base = (p.image * quads * 4 + p.channel) * plane;
    [[unroll]] for (uint i = 0; i < SIDE; i++) {
        [[unroll]] for (uint j = 0; j < SIDE; j++) {
            uint h = uint(p.h) + i, w = uint(p.w) + j;
            bool inside = h < height && w < width;
            uint at = inside ? base + h * width + w : base;
            vec4 t;
            [[unroll]] for (uint c = 0; c < 4; c++)
                t[c] = LOAD1(x, at + c * plane);
            square[i * POINTS + j] = inside ? t : vec4(0);
        }
    }
#ifdef WINDOW
    TRANSFORM(from_window, POINTS, POINTS)
#else
    TRANSFORM(from_results, RESULTS, POINTS)
#endif
    [[unroll]] for (uint i = 0; i < POINTS * POINTS; i++)
        STORE4(y, start + i * step + id, square[i]);
}

#elif defined(WEIGHT)
INPUT(0, w)
OUTPUT(1, y)

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    uint row = DIV(id, quads), quad = id - row * quads;
    uint at = row * row_step + quad * 4 * channel_step;
    [[unroll]] for (uint i = 0; i < TAPS; i++) {
        [[unroll]] for (uint j = 0; j < TAPS; j++) {
            uint tap = flip != 0 ? TAPS * TAPS - 1 - (i * TAPS + j) : i * TAPS + j;
            [[unroll]] for (uint c = 0; c < 4; c++)
                square[i * POINTS + j][c] = LOAD1(w, at + tap + c * channel_step);
        }
    }
    TRANSFORM(from_taps, TAPS, POINTS)
    [[unroll]] for (uint i = 0; i < POINTS * POINTS; i++)
        STORE4(y, start + i * step + id, square[i]);
}

#elif defined(IMAGE)
INPUT(0, x)
INPUT(1, bias)
OUTPUT(2, y)

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    Place p = place_of(id, RESULTS, 0);
    [[unroll]] for (uint i = 0; i < POINTS * POINTS; i++)
        square[i] = LOAD4(x, start + i * step + id);
    TRANSFORM(to_results, POINTS, RESULTS)
    vec4 add = HAS_BIAS ? LOAD4(bias, p.channel / 4) : vec4(0);
    uint plane = height * width, base = (p.image * quads * 4 + p.channel) * plane;
    [[unroll]] for (uint i = 0; i < RESULTS; i++) {
        uint h = uint(p.h) + i, at = base + h * width + uint(p.w);
        mat4 t;
        [[unroll]] for (uint j = 0; j < RESULTS; j++)
            t[j] = activate(square[i * POINTS + j] + add, ACT);
        t = transpose(t);
        if (h < height) {
            [[unroll]] for (uint c = 0; c < 4; c++, at += plane) {
                if (VEC)
                    STORE4(y, at / 4, t[c]);
                else
                    [[unroll]] for (uint j = 0; j < RESULTS; j++)
                        if (uint(p.w) + j < width)
                            STORE1(y, at + j, t[c][j]);
            }
        }
    }
}

#else
INPUT(0, x)
OUTPUT(1, y)

void main()
{
    uint id = LINEAR_ID;
    if (id >= total)
        return;
    [[unroll]] for (uint i = 0; i < POINTS * POINTS; i++)
        square[i] = vec4(0);
    uint end = parts, part_step = POINTS * POINTS * step, at = start + id;
    for (uint part = 0; part < end; part++, at += part_step)
        [[unroll]] for (uint i = 0; i < POINTS * POINTS; i++)
            square[i] += LOAD4(x, at + i * step);
    TRANSFORM(to_taps, POINTS, TAPS)
    // Four channels of taps lie one behind the other: element e is tap e % TAPS^2 of channel e / TAPS^2.
    [[unroll]] for (uint g = 0; g < TAPS * TAPS; g++) {
        vec4 t;
        [[unroll]] for (uint c = 0; c < 4; c++) {
            uint e = 4 * g + c, tap = e % (TAPS * TAPS);
            t[c] = square[tap / TAPS * POINTS + tap % TAPS][e / (TAPS * TAPS)];
        }
        STORE4(y, id * TAPS * TAPS + g, t);
    }
}
#endif
#endif
#endif

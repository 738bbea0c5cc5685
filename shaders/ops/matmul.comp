// matmul: y = act(op(a) op(b) + bias) for one or more pairs of matrices (families: shaders/lib/gemm_*.glsl).
// variant: shuffle SHUFFLE TEXEL
// variant: tile
// variant: direct DIRECT
// variant: coop_khr COOP COOP_KHR
// variant: coop_nv COOP COOP_NV
// variant: coop_emulated COOP
#include "push.glsl"
#include "gemm.glsl"
// a[m, k] is at m a_row + k a_k, b[k, n] at k b_k + n b_col; entry i of a batch starts at i a_batch;
// part p of k goes to p y_part. sums: of a's rows or b's columns over k, where that is wanted. Shuffle: an operand in
// panels (gemm.pack) has panels of a_panel or b_panel elements, 0 where it is as the caller has it; b's begin at
// b_start.
PUSH(matmul)
{
    GEMM_PUSH
    uint a_row; uint a_k; uint a_batch;
    uint b_k; uint b_col; uint b_batch;
    uint y_part; uint has_bias;
    uint a_panel; uint b_panel; uint b_start;
} PUSH_END(matmul);

#ifndef VENN_HOST
#include "venn.glsl"
INPUT(0, a)
INPUT(1, b)
INPUT(2, bias)
OUTPUT(3, y)
INPUT(4, gate)
OUTPUT(5, sums)
layout(constant_id = 11) const uint GATE = 0; // y is multiplied by the slope of this activation, whose result is gate

#ifdef SHUFFLE
vec4 end(vec4 v, uint to);
#define GEMM_END(v, to) end(v, to)
layout(constant_id = 8) const uint GEMM_SUMS = 0;
#define GEMM_SUMS GEMM_SUMS
#include "gemm_shuffle.glsl"
layout(constant_id = 7) const uint B_MODE = 0; // loads of b: 0 single, 1 four k, 2 four columns
vec4 end(vec4 v, uint to)
{
    v = activate(v, ACT);
    if (GATE != ACT_NONE) {
        uint last = gl_NumWorkGroups.z * m * n - 1;
        vec4 t;
        if (Y_VEC)
            t = LOAD4(gate, min(to, last) / 4);
        else
            t = vec4(LOAD1(gate, min(to, last)), LOAD1(gate, min(to + 1, last)), LOAD1(gate, min(to + 2, last)),
                     LOAD1(gate, min(to + 3, last)));
        v = activate_back(v, t, GATE);
    }
    return v;
}

uint a_step, b_step, chunk, k_last;
uint b_at[4]; // element offset of this lane's columns

uint gemm_a_offset(uint u)
{
    uint at = K_TAIL ? min(chunk + u, k_last) : chunk + u;
    return (A_MODE == 1 ? at & ~3u : at) * a_step;
}

void gemm_load_b(uint k0, uint k_end)
{
    chunk = k0;
    if (B_MODE == 1) {
        [[unroll]] for (uint u = 0; u < KU; u += 4) {
            mat4 v;
            [[unroll]] for (uint c = 0; c < 4; c++)
                v[c] = LOAD4(b, (b_at[c] + (K_TAIL ? min(k0 + u, k_last) : k0 + u)) / 4);
            [[unroll]] for (uint j = 0; j < 4; j++) {
                vec4 t = vec4(v[0][j], v[1][j], v[2][j], v[3][j]);
                gemm_b[u + j] = K_TAIL && k0 + u + j >= k_end ? vec4(0) : t;
            }
        }
    } else {
        [[unroll]] for (uint u = 0; u < KU; u++) {
            uint offset = (K_TAIL ? min(k0 + u, k_last) : k0 + u) * b_step;
            vec4 t;
            if (B_MODE == 2)
                t = LOAD4(b, (b_at[0] + offset) / 4);
            else
                t = vec4(LOAD1(b, b_at[0] + offset), LOAD1(b, b_at[1] + offset),
                         LOAD1(b, b_at[2] + offset), LOAD1(b, b_at[3] + offset));
            gemm_b[u] = K_TAIL && k0 + u >= k_end ? vec4(0) : t;
        }
    }
}

// By the first tile of each row, or column, of tiles.
void store_sums(uint row0, uint tile_n, uint col)
{
    if (GEMM_SUMS == GEMM_SUMS_OF_A && A_MODE != 2 && tile_n == 0) {
        GEMM_STORE_ROW_SUMS(sums, 0, row0, m)
    }
    uint row = row0 + 4 * gl_SubgroupInvocationID;
    if (GEMM_SUMS == GEMM_SUMS_OF_A && A_MODE == 2 && tile_n == 0 && row < min(m, row0 + TILE_ROWS))
        STORE4(sums, row / 4, gemm_sums);
    if (GEMM_SUMS == GEMM_SUMS_OF_B && Y_VEC && row0 == 0 && col < n)
        STORE4(sums, col / 4, gemm_sums);
    if (GEMM_SUMS == GEMM_SUMS_OF_B && !Y_VEC)
        [[unroll]] for (uint c = 0; c < 4; c++)
            if (row0 == 0 && col + c < n)
                STORE1(sums, col + c, gemm_sums[c]);
}

void main()
{
    if (GEMM_PAST_END)
        return;
    uint tile_n = GEMM_TILE_N;
    uint row0 = GEMM_TILE_M * TILE_ROWS, batch = GEMM_BATCH, part = GEMM_PART;
    uint col = (tile_n * S + gl_SubgroupInvocationID) * 4;
    a_step = a_k;
    b_step = b_k;
    k_last = k - 1;
    if (a_panel != 0)
        gemm_rows(0, TILE_ROWS, GEMM_TILE_M * a_panel, 1);
    else
        gemm_rows(row0, m, batch * a_batch, a_row);
    [[unroll]] for (uint c = 0; c < 4; c++)
        b_at[c] = batch * b_batch + (B_MODE == 2 ? min(col, n - 4) : min(col + c, n - 1)) * b_col;
    if (b_panel != 0)
        b_at[0] = b_start + tile_n * b_panel + gl_SubgroupInvocationID * 4;
    gemm_sum(part * k_part, min(k, (part + 1) * k_part));

    if (has_bias != 0) {
        vec4 add;
        [[unroll]] for (uint c = 0; c < 4; c++)
            add[c] = LOAD1(bias, min(col + c, n - 1));
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
            gemm_acc[i] += add;
    }
    gemm_store(part * y_part + (batch * m + row0) * n + col, n, m - row0, n - min(col, n));
    store_sums(row0, tile_n, col);
}
#elif defined(COOP)
#include "gemm_coop.glsl"

void gemm_store(uint row, uint col, vec4 v)
{
    uint count = min(4, n - min(col, n)), to = GEMM_PART * y_part + (GEMM_BATCH * m + row) * n + col;
    if (row >= m || count == 0)
        return;
    if (has_bias != 0)
        [[unroll]] for (uint c = 0; c < 4; c++)
            v[c] += LOAD1(bias, min(col + c, n - 1));
    v = activate(v, ACT);
    if (GATE != ACT_NONE) {
        vec4 t = vec4(0);
        if (Y_VEC)
            t = LOAD4(gate, to / 4);
        else
            [[unroll]] for (uint c = 0; c < 4; c++)
                t[c] = LOAD1(gate, to + min(c, count - 1));
        v = activate_back(v, t, GATE);
    }
    if (Y_VEC) {
        STORE4(y, to / 4, v);
    } else {
        [[unroll]] for (uint c = 0; c < 4; c++)
            if (c < count)
                STORE1(y, to + c, v[c]);
    }
}

void main()
{
    gemm_tile(Lines(GEMM_BATCH * a_batch, A_K_FAST ? a_row : a_k), Lines(GEMM_BATCH * b_batch, B_K_FAST ? b_col : b_k));
}
#else
#ifdef DIRECT
#include "gemm_direct.glsl"
#else
#include "gemm_tile.glsl"
#endif

uint b_at[4], current;

void gemm_column(uint slot, uint col)
{
    b_at[slot] = GEMM_BATCH * b_batch + col * b_col;
}

void gemm_k(uint at)
{
    current = at;
}

float gemm_load_a(uint row)
{
    return LOAD1(a, GEMM_BATCH * a_batch + row * a_row + current * a_k);
}

float gemm_load_b(uint slot)
{
    return LOAD1(b, b_at[slot] + current * b_k);
}

void gemm_store(uint row, uint col, float v)
{
    if (has_bias != 0)
        v += LOAD1(bias, col);
    uint to = GEMM_PART * y_part + (GEMM_BATCH * m + row) * n + col;
    vec4 result = activate(vec4(v), ACT);
    if (GATE != ACT_NONE)
        result = activate_back(result, vec4(LOAD1(gate, to)), GATE);
    STORE1(y, to, result.x);
}

void main()
{
    gemm_tile();
}
#endif
#endif

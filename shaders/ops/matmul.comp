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
// part p of k goes to p y_part. Shuffle: an operand in panels (gemm.pack) has panels of a_panel or b_panel
// elements, 0 where it is as the caller has it; b's begin at b_start.
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

#ifdef SHUFFLE
#include "gemm_shuffle.glsl"
layout(constant_id = 7) const uint B_MODE = 0; // loads of b: 0 single, 1 four k, 2 four columns

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
    STORE1(y, GEMM_PART * y_part + (GEMM_BATCH * m + row) * n + col, activate(vec4(v), ACT).x);
}

void main()
{
    gemm_tile();
}
#endif
#endif

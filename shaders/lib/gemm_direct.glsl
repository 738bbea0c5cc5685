// Matrix product straight from memory: each invocation sums 4 x 4 outputs, rows next to each other,
// columns SIDE apart. For software devices without fast shuffles, where barriers cost far more than
// loads. The includer is the same as for gemm_tile.glsl, which says what it defines.

layout(constant_id = 4) const uint ACT = 0;

#define SIDE 16 // invocations along columns; the workgroup has 4 rows of them

void gemm_column(uint slot, uint col);
void gemm_k(uint at);
float gemm_load_a(uint row);
float gemm_load_b(uint slot);
void gemm_store(uint row, uint col, float v);

void store_column(uint row, uint col, vec4 v)
{
    for (uint i = 0; i < 4 && row + i < m && col < n; i++)
        gemm_store(row + i, col, v[i]);
}

void gemm_tile()
{
    if (GEMM_PAST_END)
        return;
    uint tile_n = GEMM_TILE_N;
    uint id = gl_LocalInvocationID.x, last = m - 1, end = n - 1;
    uint row = GEMM_TILE_M * 16 + id / SIDE * 4, col = tile_n * 4 * SIDE + id % SIDE;
    uint k0 = GEMM_PART * k_part, k_end = min(k, k0 + k_part);
    gemm_column(0, min(col, end));
    gemm_column(1, min(col + SIDE, end));
    gemm_column(2, min(col + 2 * SIDE, end));
    gemm_column(3, min(col + 3 * SIDE, end));
    mat4 block = mat4(0);
    for (; k0 < k_end; k0++) {
        gemm_k(k0);
        vec4 a = vec4(gemm_load_a(min(row, last)), gemm_load_a(min(row + 1, last)),
                      gemm_load_a(min(row + 2, last)), gemm_load_a(min(row + 3, last)));
        block[0] += a * gemm_load_b(0);
        block[1] += a * gemm_load_b(1);
        block[2] += a * gemm_load_b(2);
        block[3] += a * gemm_load_b(3);
    }
    store_column(row, col, block[0]);
    store_column(row, col + SIDE, block[1]);
    store_column(row, col + 2 * SIDE, block[2]);
    store_column(row, col + 3 * SIDE, block[3]);
}

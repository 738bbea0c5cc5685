// Matrix product through shared memory: 16 x 16 invocations, each with 4 x 4 outputs (8 x 8 if WIDE),
// share a tile of a and one of b for DEPTH values of k at a time. Right on every device that has 256
// invocations in a workgroup; no subgroup operations. Matrices instead of arrays and unrolled loops,
// because not every driver unrolls, and arrays that stay in memory are slow.
//
// The includer defines, for rows < m, columns < n and at < k,
//   void gemm_column(uint slot, uint col)   keeps a column in slot 0 .. 3
//   void gemm_k(uint at)                    chooses the k of the loads that follow
//   float gemm_load_a(uint row)             a[row, k]
//   float gemm_load_b(uint slot)            b[k, column of the slot]
//   void gemm_store(uint row, uint col, float v)
// and calls gemm_tile from main.

layout(constant_id = 1) const bool WIDE = false;
layout(constant_id = 2) const bool A_K_FAST = true;  // neighbours in memory: along k, else along rows
layout(constant_id = 3) const bool B_K_FAST = false; // along k, else along columns
layout(constant_id = 4) const uint ACT = 0;

#define SIDE 16
#define DEPTH 16
#define TILE (WIDE ? 2 * SIDE * 4 : SIDE * 4)
#define PITCH (TILE / 4 + 1) // groups of four in a row of a tile, and one against bank conflicts

void gemm_column(uint slot, uint col);
void gemm_k(uint at);
float gemm_load_a(uint row);
float gemm_load_b(uint slot);
void gemm_store(uint row, uint col, float v);

shared vec4 tile_a[DEPTH * PITCH]; // four rows at one k
shared vec4 tile_b[DEPTH * PITCH]; // four columns at one k

void fill_a(uint id, uint row0, uint k0, uint k_end)
{
    for (uint e = id; e < TILE * DEPTH; e += SIDE * SIDE) {
        uint row = A_K_FAST ? e / DEPTH : e % TILE;
        uint at = A_K_FAST ? e % DEPTH : e / TILE;
        float v = 0.0;
        if (row0 + row < m && k0 + at < k_end) {
            gemm_k(k0 + at);
            v = gemm_load_a(row0 + row);
        }
        tile_a[at * PITCH + row / 4][row % 4] = v;
    }
}

void fill_b(uint id, uint col0, uint k0, uint k_end)
{
    for (uint e = id; e < TILE * DEPTH; e += SIDE * SIDE) {
        uint col = B_K_FAST ? e / DEPTH : e % TILE;
        uint at = B_K_FAST ? e % DEPTH : e / TILE;
        float v = 0.0;
        if (col0 + col < n && k0 + at < k_end) {
            if (B_K_FAST) // else an invocation keeps its column: TILE divides the workgroup
                gemm_column(0, col0 + col);
            gemm_k(k0 + at);
            v = gemm_load_b(0);
        }
        tile_b[at * PITCH + col / 4][col % 4] = v;
    }
}

void store_block(uint row, uint col, mat4 block)
{
    for (uint i = 0; i < 4 && row + i < m; i++)
        for (uint j = 0; j < 4 && col + j < n; j++)
            gemm_store(row + i, col + j, block[i][j]);
}

void gemm_tile()
{
    if (GEMM_PAST_END)
        return;
    uint tile_n = GEMM_TILE_N;
    uint id = gl_LocalInvocationID.x, tx = id % SIDE, ty = id / SIDE;
    uint row0 = GEMM_TILE_M * TILE, col0 = tile_n * TILE;
    uint k0 = GEMM_PART * k_part, k_end = min(k, k0 + k_part);
    gemm_column(0, min(col0 + id % TILE, n - 1));

    // Rows of blocks: one more for each of the right, lower and lower right block if WIDE.
    mat4 block = mat4(0), right = mat4(0), lower = mat4(0), corner = mat4(0);
    for (; k0 < k_end; k0 += DEPTH) {
        fill_a(id, row0, k0, k_end);
        fill_b(id, col0, k0, k_end);
        barrier();
        [[unroll]] for (uint u = 0; u < DEPTH; u++) {
            vec4 a = tile_a[u * PITCH + ty], b = tile_b[u * PITCH + tx];
            block += outerProduct(b, a);
            if (WIDE) {
                vec4 a2 = tile_a[u * PITCH + ty + SIDE], b2 = tile_b[u * PITCH + tx + SIDE];
                right += outerProduct(b2, a);
                lower += outerProduct(b, a2);
                corner += outerProduct(b2, a2);
            }
        }
        barrier();
    }
    uint row = row0 + ty * 4, col = col0 + tx * 4;
    store_block(row, col, block);
    if (WIDE) {
        store_block(row, col + SIDE * 4, right);
        store_block(row + SIDE * 4, col, lower);
        store_block(row + SIDE * 4, col + SIDE * 4, corner);
    }
}

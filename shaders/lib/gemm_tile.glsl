// Matrix product through shared memory: 16 x 16 invocations, each with REG x REG outputs, share a tile
// of a and one of b for DEPTH values of k at a time. Right on every device that has 256 invocations in
// a workgroup; no subgroup operations.
//
// The includer defines, for rows < m, columns < n and at < k,
//   float gemm_load_a(uint row, uint at)              a[row, at]
//   void gemm_column(uint col), float gemm_load_b(uint at)   b[at, col] of the column last chosen
//   void gemm_store(uint row, uint col, float v)
// and calls gemm_tile from main.

layout(constant_id = 1) const uint REG = 4;
layout(constant_id = 2) const bool A_K_FAST = true;  // neighbours in memory: along k, else along rows
layout(constant_id = 3) const bool B_K_FAST = false; // along k, else along columns
layout(constant_id = 4) const uint ACT = 0;

#define SIDE 16
#define DEPTH 16
#define TILE (SIDE * REG)

float gemm_load_a(uint row, uint at);
void gemm_column(uint col);
float gemm_load_b(uint at);
void gemm_store(uint row, uint col, float v);

shared float tile_a[DEPTH * (TILE + 1)];
shared float tile_b[DEPTH * (TILE + 1)];

void fill_a(uint id, uint row0, uint k0, uint k_end)
{
    [[unroll]] for (uint i = 0; i < REG; i++) {
        uint e = id + i * SIDE * SIDE;
        uint row = A_K_FAST ? e / DEPTH : e % TILE;
        uint at = A_K_FAST ? e % DEPTH : e / TILE;
        bool inside = row0 + row < m && k0 + at < k_end;
        float v = inside ? gemm_load_a(row0 + row, k0 + at) : 0.0;
        tile_a[at * (TILE + 1) + row] = v;
    }
}

void fill_b(uint id, uint col0, uint k0, uint k_end)
{
    [[unroll]] for (uint i = 0; i < REG; i++) {
        uint e = id + i * SIDE * SIDE;
        uint col = B_K_FAST ? e / DEPTH : e % TILE;
        uint at = B_K_FAST ? e % DEPTH : e / TILE;
        float v = 0.0;
        if (col0 + col < n && k0 + at < k_end) {
            // Along columns an invocation keeps its column if TILE divides the workgroup.
            if (B_K_FAST || SIDE * SIDE % TILE != 0)
                gemm_column(col0 + col);
            v = gemm_load_b(k0 + at);
        }
        tile_b[at * (TILE + 1) + col] = v;
    }
}

void gemm_tile()
{
    uint tile_n = GEMM_TILE_N;
    if (tile_n >= tiles_n)
        return;
    uint id = gl_LocalInvocationID.x, tx = id % SIDE, ty = id / SIDE;
    uint row0 = GEMM_TILE_M * TILE, col0 = tile_n * TILE;
    uint k0 = GEMM_PART * k_part, k_end = min(k, k0 + k_part);
    gemm_column(min(col0 + id % TILE, n - 1));

    float acc[REG * REG];
    [[unroll]] for (uint i = 0; i < REG * REG; i++)
        acc[i] = 0.0;
    for (; k0 < k_end; k0 += DEPTH) {
        fill_a(id, row0, k0, k_end);
        fill_b(id, col0, k0, k_end);
        barrier();
        [[unroll]] for (uint u = 0; u < DEPTH; u++) {
            float va[REG], vb[REG];
            [[unroll]] for (uint i = 0; i < REG; i++) {
                va[i] = tile_a[u * (TILE + 1) + ty * REG + i];
                vb[i] = tile_b[u * (TILE + 1) + tx + i * SIDE];
            }
            [[unroll]] for (uint i = 0; i < REG; i++)
                [[unroll]] for (uint j = 0; j < REG; j++)
                    acc[i * REG + j] += va[i] * vb[j];
        }
        barrier();
    }
    [[unroll]] for (uint i = 0; i < REG; i++)
        [[unroll]] for (uint j = 0; j < REG; j++) {
            uint row = row0 + ty * REG + i, col = col0 + tx + j * SIDE;
            if (row < m && col < n)
                gemm_store(row, col, acc[i * REG + j]);
        }
}

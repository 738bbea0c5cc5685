// Matrix product by subgroup shuffles: one subgroup holds a tile of TILE_ROWS x 4 S outputs in
// registers (S lanes, four columns each). For KU values of k at a time, lanes first load one row of a
// each (or four rows) and their own columns of b; then each a[row, k] reaches all lanes by a shuffle
// with a constant index and multiplies b[k]. No shared memory, no barrier. Needs S >= 8 and
// TILE_ROWS <= 4 S; the workgroup is one subgroup.
//
// The includer declares the input `a` and defines
//   uint gemm_a_offset(uint u)                   element offset of k = k0 + u within a row of a
//   void gemm_load_b(uint k0, uint k_end)        sets gemm_b[u], u < KU: 0 where k0 + u >= k_end
//   GEMM_END(v, to)                              a group of four sums on its way to y[to + c]
//   GEMM_SUMS                                    if it wants sums of an operand
// and calls gemm_rows, gemm_sum, gemm_store. Rows and columns past the end must be clamped by the includer.

layout(constant_id = 1) const uint TILE_ROWS = 32;
layout(constant_id = 2) const uint KU = 8;      // multiple of 4 if a or b load four k
layout(constant_id = 3) const uint A_MODE = 0;  // loads of a: 0 single, 1 four k, 2 four rows
layout(constant_id = 4) const bool K_TAIL = true; // k may end inside KU
layout(constant_id = 5) const uint ACT = 0;
layout(constant_id = 6) const bool Y_VEC = false; // rows of y start on groups of four

#define S gl_WorkGroupSize.x
#define A_GROUPS ((TILE_ROWS + S - 1) / S)

vec4 gemm_acc[TILE_ROWS];
vec4 gemm_b[KU];
float gemm_a[KU * 4];

// Element offset of the row that this lane loads: row i S + lane, or rows 4 lane .. in mode 2.
uint gemm_row[4];

uint gemm_a_offset(uint u);
void gemm_load_b(uint k0, uint k_end);

// row0: first row of the tile; base, stride: where row r starts is base + r stride.
void gemm_rows(uint row0, uint rows, uint base, uint stride)
{
    uint lane = gl_SubgroupInvocationID;
    [[unroll]] for (uint g = 0; g < A_GROUPS; g++) {
        uint row = A_MODE == 2 ? min(row0 + 4 * lane, rows - 4) : min(row0 + g * S + lane, rows - 1);
        gemm_row[g] = base + row * stride;
    }
}

void gemm_load_a(uint k0, uint k_end)
{
    if (A_MODE == 0) {
        [[unroll]] for (uint u = 0; u < KU; u++) {
            uint offset = gemm_a_offset(u);
            [[unroll]] for (uint g = 0; g < A_GROUPS; g++) {
                float v = LOAD1(a, gemm_row[g] + offset);
                gemm_a[u * 4 + g] = K_TAIL && k0 + u >= k_end ? 0.0 : v;
            }
        }
    } else if (A_MODE == 1) {
        [[unroll]] for (uint u = 0; u < KU; u += 4) {
            uint offset = gemm_a_offset(u);
            [[unroll]] for (uint g = 0; g < A_GROUPS; g++) {
                vec4 v = LOAD4(a, (gemm_row[g] + offset) / 4);
                if (K_TAIL)
                    v = mix(v, vec4(0), greaterThanEqual(uvec4(k0 + u) + uvec4(0, 1, 2, 3), uvec4(k_end)));
                [[unroll]] for (uint j = 0; j < 4; j++)
                    gemm_a[(u + j) * 4 + g] = v[j];
            }
        }
    } else {
        [[unroll]] for (uint u = 0; u < KU; u++) {
            vec4 v = LOAD4(a, (gemm_row[0] + gemm_a_offset(u)) / 4);
            if (K_TAIL && k0 + u >= k_end)
                v = vec4(0);
            [[unroll]] for (uint j = 0; j < 4; j++)
                gemm_a[u * 4 + j] = v[j];
        }
    }
}

// What of an operand is summed over k on the way: nothing, rows of a as this lane loads them, its columns of b.
#define GEMM_SUMS_OF_A 1
#define GEMM_SUMS_OF_B 2
#ifndef GEMM_SUMS
#define GEMM_SUMS 0
#endif
vec4 gemm_sums;

// acc = sum over k_begin <= k < k_end; k_begin is a multiple of KU.
void gemm_sum(uint k_begin, uint k_end)
{
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++)
        gemm_acc[i] = vec4(0);
    gemm_sums = vec4(0);
    for (uint k0 = k_begin; k0 < k_end; k0 += KU) {
        gemm_load_b(k0, k_end);
        gemm_load_a(k0, k_end);
        [[unroll]] for (uint u = 0; u < KU; u++) {
            if (GEMM_SUMS == GEMM_SUMS_OF_A)
                [[unroll]] for (uint g = 0; g < (A_MODE == 2 ? 4 : A_GROUPS); g++)
                    gemm_sums[g] += gemm_a[u * 4 + g];
            else if (GEMM_SUMS == GEMM_SUMS_OF_B)
                gemm_sums += gemm_b[u];
        }
        [[unroll]] for (uint i = 0; i < TILE_ROWS; i++) {
            [[unroll]] for (uint u = 0; u < KU; u++) {
                float v = A_MODE == 2 ? subgroupShuffle(gemm_a[u * 4 + i % 4], i / 4)
                                      : subgroupShuffle(gemm_a[u * 4 + i / S], i % S);
                gemm_acc[i] += v * gemm_b[u];
            }
        }
    }
}

// sums[at + row] for the rows of the tile that begins at row0, where they are before `rows`.
#define GEMM_STORE_ROW_SUMS(sums, at, row0, rows)                                                  \
    [[unroll]] for (uint g = 0; g < A_GROUPS; g++) {                                               \
        uint row = row0 + g * S + gl_SubgroupInvocationID;                                         \
        if (row < min(rows, row0 + TILE_ROWS))                                                     \
            STORE1(sums, at + row, gemm_sums[g]);                                                  \
    }

// y[to + i step + c] = act(acc[i][c]) for the first `rows` rows and `columns` columns of this lane.
void gemm_store(uint to, uint step, uint rows, uint columns)
{
    [[unroll]] for (uint i = 0; i < TILE_ROWS; i++, to += step) {
        vec4 v = GEMM_END(gemm_acc[i], to);
        if (Y_VEC) {
            if (i < rows && columns > 0)
                STORE4(y, to / 4, v);
        } else if (i < rows) {
            [[unroll]] for (uint c = 0; c < 4; c++)
                if (c < columns)
                    STORE1(y, to + c, v[c]);
        }
    }
}

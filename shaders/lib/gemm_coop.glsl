// Matrix product by cooperative matrices (coop.glsl): 2 x 2 subgroups compute a square tile of y, a
// quarter each, in fragments. For DEPTH values of k at a time the bits of both operands' tiles go to
// shared memory in the order in which they lie in memory, zeros behind the ends; fragments are loaded from
// there by rows or by columns. Sums come back through shared memory for what follows them.
//
// The includer declares the arrays `a` and `b`, of one 16-bit type, calls gemm_tile and defines
//   void gemm_store(uint row, uint col, vec4 v)   four columns, which may be past the end, as may be the row

layout(constant_id = 1) const uint FM = 16; // a fragment of y: rows,
layout(constant_id = 2) const uint FN = 16; // columns, powers of two from 8 to QUARTER,
layout(constant_id = 3) const uint FK = 16; // and k's of a multiplication: 8, 16 or 32
layout(constant_id = 4) const uint ACT = 0;
layout(constant_id = 5) const uint QUARTER = 32;     // side of a subgroup's square
layout(constant_id = 6) const bool A_K_FAST = true;  // neighbours in memory: along k, else along rows
layout(constant_id = 7) const bool B_K_FAST = false; // along k, else along columns
layout(constant_id = 8) const bool A_VEC = false;    // lines start on groups of four elements and end so
layout(constant_id = 9) const bool B_VEC = false;
layout(constant_id = 10) const bool Y_VEC = false; // rows of y do

#define COOP_SUBGROUPS 4
#define COOP_MOST 64 // elements of c in a lane of the emulation
#define DEPTH 32
#define TILE (2 * QUARTER)
#define ROWS_OF_C (QUARTER / FM)
#define COLUMNS_OF_C (QUARTER / FN)
// A line in shared memory, and one group of eight against bank conflicts.
#define PITCH(k_fast) (((k_fast) ? DEPTH : TILE) + 8)
#define LINES(k_fast) ((k_fast) ? TILE : DEPTH)

shared uvec4 tile_a[LINES(A_K_FAST) * PITCH(A_K_FAST) / 8];
shared uvec4 tile_b[LINES(B_K_FAST) * PITCH(B_K_FAST) / 8];
shared float tile_y[COOP_SUBGROUPS * FM * FN];

#include "coop.glsl"

// An operand in memory: line i starts at element base + i step.
struct Lines {
    uint base, step;
};

// Copies lines [line0, ..) and in each the elements [from, ..), ends excluded.
#define FILL(name, k_fast, vec)                                                                    \
    void fill_##name(Lines lines, uint line0, uint line_end, uint from, uint end)                  \
    {                                                                                              \
        const uint run = (PITCH(k_fast) - 8) / 8;                                                  \
        for (uint e = gl_LocalInvocationID.x; e < LINES(k_fast) * run; e += gl_WorkGroupSize.x) {  \
            uint line = e / run, at = from + e % run * 8, left = end - min(end, at);               \
            uint offset = lines.base + (line0 + line) * lines.step + at;                           \
            uvec4 bits = uvec4(0);                                                                 \
            if (line0 + line >= line_end)                                                          \
                left = 0;                                                                          \
            if (vec) {                                                                             \
                if (left > 0)                                                                      \
                    bits.xy = BITS4(name, offset / 4);                                             \
                if (left > 4)                                                                      \
                    bits.zw = BITS4(name, offset / 4 + 1);                                         \
            } else {                                                                               \
                [[unroll]] for (uint c = 0; c < 8; c++)                                            \
                    if (c < left)                                                                  \
                        bits[c / 2] |= BITS1(name, offset + c) << 16 * (c & 1u);                   \
            }                                                                                      \
            tile_##name[line * (run + 1) + e % run] = bits;                                        \
        }                                                                                          \
    }
FILL(a, A_K_FAST, A_VEC)
FILL(b, B_K_FAST, B_VEC)

void gemm_store(uint row, uint col, vec4 v);

// One fragment after the other, all subgroups in step.
void store_fragment(uint subgroup, uint row0, uint col0)
{
    barrier();
    for (uint e = gl_SubgroupInvocationID; e < FM * FN / 4; e += COOP_S) {
        uint at = subgroup * FM * FN + e * 4;
        vec4 v = vec4(tile_y[at], tile_y[at + 1], tile_y[at + 2], tile_y[at + 3]);
        gemm_store(row0 + e * 4 / FN, col0 + e * 4 % FN, v);
    }
    barrier();
}

void gemm_tile(Lines a_lines, Lines b_lines)
{
    if (GEMM_PAST_END)
        return;
    uint row0 = GEMM_TILE_M * TILE, col0 = GEMM_TILE_N * TILE;
    uint k0 = GEMM_PART * k_part, k_end = min(k, k0 + k_part);
    // There are four, unless the driver takes another size of them than it says: then sums are wrong, but
    // nothing is written where it must not be.
    uint subgroup = min(gl_SubgroupID, COOP_SUBGROUPS - 1);
    uint row = subgroup / 2 * QUARTER, col = subgroup % 2 * QUARTER;
    CoopC c[ROWS_OF_C * COLUMNS_OF_C];
    COOP_UNROLL for (uint i = 0; i < ROWS_OF_C * COLUMNS_OF_C; i++)
        COOP_ZERO(c[i]);
    for (; k0 < k_end; k0 += DEPTH) {
        if (A_K_FAST)
            fill_a(a_lines, row0, m, k0, k_end);
        else
            fill_a(a_lines, k0, k_end, row0, m);
        if (B_K_FAST)
            fill_b(b_lines, col0, n, k0, k_end);
        else
            fill_b(b_lines, k0, k_end, col0, n);
        barrier();
        COOP_UNROLL for (uint u = 0; u < DEPTH; u += FK) {
            CoopA left[ROWS_OF_C];
            COOP_UNROLL for (uint i = 0; i < ROWS_OF_C; i++) {
                uint at = row + i * FM;
                COOP_LOAD(left[i], tile_a, A_K_FAST ? at * PITCH(true) + u : u * PITCH(false) + at,
                          PITCH(A_K_FAST), !A_K_FAST);
            }
            COOP_UNROLL for (uint j = 0; j < COLUMNS_OF_C; j++) {
                CoopB right;
                uint at = col + j * FN;
                COOP_LOAD(right, tile_b, B_K_FAST ? at * PITCH(true) + u : u * PITCH(false) + at,
                          PITCH(B_K_FAST), B_K_FAST);
                COOP_UNROLL for (uint i = 0; i < ROWS_OF_C; i++)
                    COOP_MULTIPLY_ADD(c[i * COLUMNS_OF_C + j], left[i], right);
            }
        }
        barrier();
    }
    COOP_UNROLL for (uint i = 0; i < ROWS_OF_C; i++) {
        COOP_UNROLL for (uint j = 0; j < COLUMNS_OF_C; j++) {
            COOP_STORE(c[i * COLUMNS_OF_C + j], tile_y, subgroup * FM * FN, FN);
            store_fragment(subgroup, row0 + row + i * FM, col0 + col + j * FN);
        }
    }
}

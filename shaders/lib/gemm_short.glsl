// Short sums, beside gemm_shuffle.glsl: KU is all of k. b stays as it was loaded, and rows go by one after the other in
// a loop, so that a sum never leaves its registers and the code is that of one row. TILE_ROWS is S. The sums have the
// bits of gemm_sum: the same terms in the same order.

layout(constant_id = 7) const uint BLOCKS = 0; // of S rows each in a tile; 0: gemm_sum

// Rows row0 and on of y, `columns` of them from this lane's on: y[to + i step + c]. base, stride: as gemm_rows has them.
void gemm_short(uint row0, uint rows, uint base, uint stride, uint to, uint step, uint columns)
{
    const uint end = min(row0 + BLOCKS * S, rows);
    gemm_load_b(0, KU);
    for (uint first = row0; first < end; first += S) {
        gemm_rows(first, rows, base, stride);
        gemm_load_a(0, KU);
        for (uint row = 0; row < S; row++, to += step) {
            vec4 sum = vec4(0);
            [[unroll]] for (uint u = 0; u < KU; u++)
                sum += subgroupShuffle(gemm_a[u * 4], row) * gemm_b[u];
            if (first + row < end && columns > 0)
                STORE4(y, to / 4, sum);
        }
    }
}

// Index of the largest element of a row of x, in every lane of the row: the lowest index where several
// are largest; NaN never wins; 0 if nothing is above -infinity. After rows.glsl and ROW_INPUT(x).
// Copies that stand for elements past the row's end carry higher indices than what they copy, and lose.

#ifndef SINGLE
void argmax_step(inout float top, inout uint best, const uint step)
{
    const float other_top = subgroupShuffleXor(top, step);
    const uint other = subgroupShuffleXor(best, step);
    if (other_top > top || (other_top == top && other < best)) {
        top = other_top;
        best = other;
    }
}
#define ARGMAX_STEP(step)                                                                          \
    if (LANES > step)                                                                              \
        argmax_step(top, best, step);
#endif

uint row_argmax(uint row)
{
    float top = -VENN_INFINITY;
    uint best = 4 * row_lane;
    for (uint c = 0; c < row_chunks; c++)
        [[unroll]] for (uint j = 0; j < HELD; j++) {
            const uint group = row_group(c, j);
            const vec4 v = x_row(row, group);
            [[unroll]] for (uint k = 0; k < 4; k++) {
                const bool wins = v[k] > top;
                top = wins ? v[k] : top;
                best = wins ? 4 * group + k : best;
            }
        }
#ifndef SINGLE
    ARGMAX_STEP(1)
    ARGMAX_STEP(2)
    ARGMAX_STEP(4)
    ARGMAX_STEP(8)
    ARGMAX_STEP(16)
    ARGMAX_STEP(32)
    ARGMAX_STEP(64)
#endif
    return best;
}

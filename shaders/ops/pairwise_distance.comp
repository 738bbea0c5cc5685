// pairwise_distance: forward: y[.., i, j] = sum over k of (a[.., i, k] - b[.., j, k])^2.
// backward: y[.., i, k] = 2 sum over j of w(i, j) (a[.., i, k] - b[.., j, k]).
// Differences are taken element by element, so that near points are no quotient of rounding errors. A
// launch adds the terms from `first` to `last` of the sum to what launches before it left in y.
// variant: forward
// variant: forward.texel TEXEL
// variant: backward BACKWARD
// variant: backward.texel BACKWARD TEXEL
#include "push.glsl"
PUSH(pairwise_distance) {
    uint units;        // tiles of 4 rows of a by 4 of b; backward: of 4 rows of a by a k, or 4 where VEC
    uint rows;         // of a
    uint columns;      // rows of b
    uint length;       // extent of k
    uint first;
    uint last;
    uint w_row;        // distance of w's rows and columns
    uint w_column;
    uint divisor[6];   // tiles beside each other; tiles below each other
} PUSH_END(pairwise_distance);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const uint VEC = 0; // length is a multiple of 4

INPUT(0, a)
INPUT(1, b)
#ifdef BACKWARD
INPUT(2, w)
INOUT(3, y)
#else
INOUT(2, y)
#endif

void main()
{
    const uint unit = LINEAR_ID;
    if (unit >= units)
        return;
    const uint line = QUOTIENT(unit, divisor, 0), beside = unit - line * divisor[0];
    const uint batch = QUOTIENT(line, divisor, 1), row = 4 * (line - batch * divisor[3]);
    // Rows past the end are copies of the last, and not stored.
    const uvec4 i = batch * rows + min(row + uvec4(0, 1, 2, 3), rows - 1);
    const uint end = last;
#ifdef BACKWARD
    vec4 sum[4] = {vec4(0), vec4(0), vec4(0), vec4(0)}, x[4];
    const uvec4 w_at = batch * rows * columns + (i - batch * rows) * w_row;
    [[unroll]] for (uint r = 0; r < 4; r++)
        x[r] = VEC != 0 ? LOAD4(a, i[r] * (length / 4) + beside)
                        : vec4(LOAD1(a, i[r] * length + beside));
    for (uint j = first; j < end; j++) {
        const uint at = batch * columns + j;
        const vec4 other = VEC != 0 ? LOAD4(b, at * (length / 4) + beside)
                                    : vec4(LOAD1(b, at * length + beside));
        [[unroll]] for (uint r = 0; r < 4; r++)
            sum[r] += LOAD1(w, w_at[r] + j * w_column) * (x[r] - other);
    }
    [[unroll]] for (uint r = 0; r < 4; r++)
        if (row + r < rows) {
            if (VEC != 0) {
                const uint to = i[r] * (length / 4) + beside;
                vec4 before = vec4(0);
                if (first != 0)
                    before = GET4(y, to);
                STORE4(y, to, before + 2.0 * sum[r]);
            } else {
                const uint to = i[r] * length + beside;
                float before = 0;
                if (first != 0)
                    before = GET1(y, to);
                STORE1(y, to, before + 2.0 * sum[r].x);
            }
        }
#else
    vec4 sum[4] = {vec4(0), vec4(0), vec4(0), vec4(0)}; // by rows of a, components by rows of b
    const uint column = 4 * beside;
    const uvec4 j = batch * columns + min(column + uvec4(0, 1, 2, 3), columns - 1);
    if (VEC != 0) {
        const uint groups = length / 4, past = end / 4;
        for (uint k = first / 4; k < past; k++) {
            vec4 x[4];
            [[unroll]] for (uint r = 0; r < 4; r++)
                x[r] = LOAD4(a, i[r] * groups + k);
            [[unroll]] for (uint c = 0; c < 4; c++) {
                const vec4 other = LOAD4(b, j[c] * groups + k);
                [[unroll]] for (uint r = 0; r < 4; r++)
                    sum[r][c] += dot(x[r] - other, x[r] - other);
            }
        }
    } else {
        for (uint k = first; k < end; k++) {
            const vec4 others = vec4(LOAD1(b, j.x * length + k), LOAD1(b, j.y * length + k),
                                     LOAD1(b, j.z * length + k), LOAD1(b, j.w * length + k));
            [[unroll]] for (uint r = 0; r < 4; r++) {
                const vec4 d = LOAD1(a, i[r] * length + k) - others;
                sum[r] += d * d;
            }
        }
    }
    [[unroll]] for (uint r = 0; r < 4; r++)
        [[unroll]] for (uint c = 0; c < 4; c++)
            if (row + r < rows && column + c < columns) {
                const uint to = i[r] * columns + column + c;
                float before = 0;
                if (first != 0)
                    before = GET1(y, to);
                STORE1(y, to, before + sum[r][c]);
            }
#endif
}
#endif

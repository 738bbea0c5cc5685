// transpose: y[b, j, i] = x[b, i, j], both extents multiples of 4: an invocation turns a square of 4 x
// 4. Other permutations go through view.comp.
// variant: square
// variant: square.texel TEXEL
#include "push.glsl"
PUSH(transpose) {
    uint squares;      // in all
    uint rows, cols;   // of x, in squares
    uint divisor[6];   // cols, rows
} PUSH_END(transpose);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

INPUT(0, x)
OUTPUT(1, y)

void main()
{
    uint square = LINEAR_ID;
    uint row = QUOTIENT(square, divisor, 0), j = square - row * cols; // row counts batches as well
    uint batch = QUOTIENT(row, divisor, 1), i = row - batch * rows;
    uint from = 4 * row * cols + j, to = (4 * (batch * cols + j)) * rows + i;
    if (square < squares) {
        mat4 t = transpose(mat4(LOAD4(x, from), LOAD4(x, from + cols), LOAD4(x, from + 2 * cols),
                                LOAD4(x, from + 3 * cols)));
        STORE4(y, to, t[0]);
        STORE4(y, to + rows, t[1]);
        STORE4(y, to + 2 * rows, t[2]);
        STORE4(y, to + 3 * rows, t[3]);
    }
}
#endif

// argmax: y = index of the largest of each row, the lowest where several are; NaN never wins.
// variant: forward
// variant: forward.texel TEXEL
// variant: forward.single SINGLE
#include "push.glsl"
PUSH(argmax) { uint rows; uint length; } PUSH_END(argmax);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"
#include "rows.glsl"

INPUT(0, x)
OUTPUT_INT(1, y)
ROW_INPUT(x)
#include "argmax.glsl"

void main()
{
    const uint row = rows_begin(length);
    const uint best = row_argmax(min(row, rows - 1));
    if (row < rows && row_lane == 0)
        STORE_INT(y, row, int(best));
}
#endif

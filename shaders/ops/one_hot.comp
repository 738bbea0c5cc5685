// one_hot: y [.., classes] = 1 at the label of each row, else 0; a label out of range leaves its row 0.
#include "push.glsl"
PUSH(one_hot)
{
    uint count; // of y
    uint divisor[3]; // classes
}
PUSH_END(one_hot);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

INPUT_INT(0, label)
OUTPUT(1, y)

float one(uint e)
{
    const uint row = QUOTIENT(e, divisor, 0), at = e - row * divisor[0];
    return uint(LOAD_INT(label, row)) == at ? 1.0 : 0.0;
}

void main()
{
    const uint groups = (count + 3) / 4, i = min(LINEAR_ID, groups - 1), end = count - 1;
    const vec4 value = vec4(one(4 * i), one(min(4 * i + 1, end)), one(min(4 * i + 2, end)),
                            one(min(4 * i + 3, end)));
    if (LINEAR_ID < groups)
        STORE4(y, i, value);
}
#endif

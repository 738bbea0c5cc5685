// enqueue: rows of x into the ring `queue` [length, ..] from `position` on, in place; then, as a launch of
// its own, the position moves on. One out of range counts as 0. Nothing happens if the guard is not finite.
// variant: rows
// variant: rows.texel TEXEL
// variant: advance ADVANCE
#include "push.glsl"
PUSH(enqueue)
{
    uint count;      // of x; with VEC count and the row's width are in groups of four
    uint length, rows;
    uint divisor[3]; // elements of a row
}
PUSH_END(enqueue);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

layout(constant_id = 1) const bool HAS_GUARD = false;
layout(constant_id = 2) const bool VEC = false;

INPUT(0, guard)

bool is_good()
{
    if (!HAS_GUARD)
        return true;
    return (floatBitsToUint(LOAD1(guard, 0)) & 0x7f800000u) != 0x7f800000u;
}

uint turned(uint row)
{
    return row < length ? row : row - length;
}

#ifdef ADVANCE
INPUT_INT(1, position)
OUTPUT_INT(1, position_new)

void main()
{
    const uint at = uint(LOAD_INT(position, 0)), next = turned((at < length ? at : 0) + rows);
    if (LINEAR_ID == 0 && is_good())
        STORE_INT(position_new, 0, int(next));
}
#else
INPUT_INT(1, position)
INPUT(2, x)
OUTPUT(3, queue)

void main()
{
    const uint at = uint(LOAD_INT(position, 0)), e = min(LINEAR_ID, count - 1);
    const uint row = QUOTIENT(e, divisor, 0), column = e - row * divisor[0];
    const uint to = turned((at < length ? at : 0) + row) * divisor[0] + column;
    const bool writes = LINEAR_ID < count && is_good();
    if (VEC) {
        const vec4 value = LOAD4(x, e);
        if (writes)
            STORE4(queue, to, value);
    } else {
        const float value = LOAD1(x, e);
        if (writes)
            STORE1(queue, to, value);
    }
}
#endif
#endif

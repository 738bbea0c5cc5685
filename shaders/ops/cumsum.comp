// cumsum: x [outer, length, inner], each length cut into chunks (src/ops/cumsum.c). total: the sum of each
// chunk, [outer, chunks, inner]. scan: y = what the chunks before hold in all, which `before` says, plus
// the sum of the elements of this chunk up to this one.
// variant: total TOTAL
// variant: total.texel TOTAL TEXEL
// variant: scan
// variant: scan.texel TEXEL
#include "push.glsl"
PUSH(cumsum) {
    uint units;       // outer * chunks * inner
    uint length;
    uint chunk;       // elements
    uint inner;
    uint reverse;     // 1: from the last to the first
    uint x_offset;    // elements
    uint y_offset;
    uint b_offset;    // of `before`
    uint divisor[6];  // chunks; inner
} PUSH_END(cumsum);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

INPUT(0, x)
#ifdef TOTAL
OUTPUT(1, y)
#else
INPUT(1, before)
OUTPUT(2, y)
#endif

void main()
{
    const uint unit = LINEAR_ID;
    if (unit >= units)
        return;
    const uint line = QUOTIENT(unit, divisor, 1), column = unit - line * inner;
    const uint outer = QUOTIENT(line, divisor, 0), place = line - outer * divisor[0];
    const uint first = place * chunk, terms = min(chunk, length - first);
    const uint stride = reverse != 0 ? 0 - inner : inner;
    uint at = (outer * length + (reverse != 0 ? length - 1 - first : first)) * inner + column;
    float sum = 0;
#ifdef TOTAL
    for (uint k = 0; k < terms; k++, at += stride)
        sum += LOAD1(x, x_offset + at);
    STORE1(y, y_offset + unit, sum);
#else
    float start = 0;
    if (place > 0)
        start = LOAD1(before, b_offset + unit - inner);
    for (uint k = 0; k < terms; k++, at += stride) {
        sum += LOAD1(x, x_offset + at);
        STORE1(y, y_offset + at, start + sum);
    }
#endif
}
#endif

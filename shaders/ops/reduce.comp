// reduce: one stage of a sum, maximum, minimum, product or sum of squares over one run of axes (src/ops/reduce.h):
// x [outer, length, columns] to y [outer, chunks, columns], each length cut into chunks. rows: columns = 1.
// Always in one order.
// variant: rows ROWS
// variant: rows.texel ROWS TEXEL
// variant: rows.shuffle ROWS SHUFFLE
// variant: rows.shuffle.texel ROWS SHUFFLE TEXEL
// variant: columns COLUMNS
// variant: columns.texel COLUMNS TEXEL
#include "push.glsl"
PUSH(reduce) {
    uint units;        // rows: results to make; columns: results, or groups of four of them
    uint length;
    uint chunk;        // terms per result; a multiple of 4 where VEC
    uint columns;      // in groups of four where VEC
    uint x_offset;     // elements; multiples of 4 where VEC
    uint y_offset;
    uint divisor[6];   // chunks per length; columns
    float factor;      // of every result
} PUSH_END(reduce);

#ifndef VENN_HOST
#include "venn.glsl"
#include "divisor.glsl"

#include "math.glsl"

layout(constant_id = 1) const uint VEC = 0;
layout(constant_id = 2) const uint OP = 0; // a venn_fold: sum, maximum, minimum, product, squares

INPUT(0, x)
OUTPUT(1, y)

#define START (OP == 0 || OP == 4 ? 0.0 : OP == 1 ? -VENN_INFINITY : OP == 2 ? VENN_INFINITY : 1.0)

#define JOIN(type, greater)                                                                        \
    type join(type a, type b)                                                                      \
    {                                                                                              \
        if (OP == 0 || OP == 4)                                                                       \
            return a + b;                                                                          \
        if (OP == 3)                                                                               \
            return a * b;                                                                          \
        return mix(OP == 1 ? mix(b, a, greater(a, b)) : mix(b, a, greater(b, a)), a, isnan(a));    \
    }
#define FLOAT_GREATER(a, b) (a > b)
JOIN(float, FLOAT_GREATER)
JOIN(vec4, greaterThan)
#define SQUARED(v) (OP == 4 ? (v) * (v) : (v))
#define TERM4(i) SQUARED(LOAD4(x, i))
#define TERM1(i) SQUARED(LOAD1(x, i))

#ifdef ROWS
// Lane `lane` of `lanes` joins its share of the terms; four results at a time hide latency and keep
// rounding small.
float partial(uint start, uint terms, uint lane, uint lanes)
{
    vec4 s0 = vec4(START), s1 = s0, s2 = s0, s3 = s0;
    uint e = lane;
    if (VEC != 0) {
        uint groups = terms / 4, first = start / 4, g = lane;
        for (; g + 3 * lanes < groups; g += 4 * lanes) {
            s0 = join(s0, TERM4(first + g));
            s1 = join(s1, TERM4(first + g + lanes));
            s2 = join(s2, TERM4(first + g + 2 * lanes));
            s3 = join(s3, TERM4(first + g + 3 * lanes));
        }
        for (; g < groups; g += lanes)
            s0 = join(s0, TERM4(first + g));
        e = 4 * groups + lane;
    }
    for (; e + 3 * lanes < terms; e += 4 * lanes)
        s1 = join(s1, vec4(TERM1(start + e), TERM1(start + e + lanes),
                           TERM1(start + e + 2 * lanes), TERM1(start + e + 3 * lanes)));
    for (; e < terms; e += lanes)
        s2.x = join(s2.x, TERM1(start + e));
    vec4 s = join(join(s0, s1), join(s2, s3));
    return join(join(s.x, s.y), join(s.z, s.w));
}

void main()
{
#ifdef SHUFFLE
    // Whatever the subgroup's size turns out to be, all units get their turn.
    uint lane = gl_SubgroupInvocationID, lanes = gl_SubgroupSize;
    uint unit = LINEAR_GROUP * gl_NumSubgroups + gl_SubgroupID;
    uint step = gl_NumWorkGroups.x * gl_NumWorkGroups.y * gl_NumSubgroups;
#else
    uint lane = 0, lanes = 1, unit = LINEAR_ID, step = units;
#endif
    uint total = units, row_length = length, size = chunk, offset = x_offset, target = y_offset;
    uint chunks = divisor[0], multiplier = divisor[1], shift = divisor[2];
    float scale = factor;
    for (; unit < total; unit += step) {
        uint row = divide(unit, multiplier, shift);
        uint first = (unit - row * chunks) * size;
        float result = partial(offset + row * row_length + first, min(size, row_length - first),
                               lane, lanes);
#ifdef SHUFFLE
        for (uint mask = lanes / 2; mask > 0; mask /= 2)
            result = join(result, subgroupShuffleXor(result, mask));
#endif
        if (lane == 0)
            STORE1(y, target + unit, result * scale);
    }
}

#else // COLUMNS: a lane goes down its own column, or group of four columns

#define JOIN_COLUMN(type, term)                                                                    \
    type s0 = type(START), s1 = s0;                                                                \
    uint k = 0;                                                                                    \
    for (; k + 7 < terms; k += 8) {                                                                \
        uint a = at + k * stride;                                                                  \
        s0 = join(s0, join(join(term(a), term(a + stride)),                                  \
                           join(term(a + 2 * stride), term(a + 3 * stride))));               \
        s1 = join(s1, join(join(term(a + 4 * stride), term(a + 5 * stride)),                 \
                           join(term(a + 6 * stride), term(a + 7 * stride))));               \
    }                                                                                              \
    for (; k < terms; k++)                                                                         \
        s0 = join(s0, term(at + k * stride));                                                   \
    type result = join(s0, s1) * scale;

void main()
{
    uint unit = LINEAR_ID, stride = columns, size = chunk;
    uint part = QUOTIENT(unit, divisor, 1), column = unit - part * stride;
    uint outer = QUOTIENT(part, divisor, 0), first = (part - outer * divisor[0]) * size;
    uint at = (outer * length + first) * stride + column;
    uint terms = unit < units ? min(size, length - first) : 0;
    float scale = factor;
    if (VEC != 0) {
        at += x_offset / 4;
        JOIN_COLUMN(vec4, TERM4)
        if (unit < units)
            STORE4(y, y_offset / 4 + unit, result);
    } else {
        at += x_offset;
        JOIN_COLUMN(float, TERM1)
        if (unit < units)
            STORE1(y, y_offset + unit, result);
    }
}
#endif
#endif

// Rows: kernels that work along the last axis. LANES consecutive invocations of one subgroup share a
// row; each holds HELD groups of four elements of it at a time. A row that does not fit (WHOLE false)
// is gone over in chunks of LANES * HELD groups, once per pass.
//
// Reads past the row's end give its last element again, so a maximum needs no mask; a sum weights with
// row_mask. Sums over lanes are butterflies: a fixed order, the same bits in every lane. SINGLE (a
// variant) does without subgroup operations: LANES is 1 then.
#ifndef ROWS_GLSL
#define ROWS_GLSL

layout(constant_id = 1) const uint LANES = 1;
layout(constant_id = 2) const uint HELD = 1;
layout(constant_id = 3) const bool WHOLE = true;
layout(constant_id = 4) const uint FIT = 0; // 1: the row's length is a multiple of four, 2: what its lanes hold
#define ALIGNED (FIT != 0)
#define FILLED (FIT == 2)

uint row_length, row_chunks, row_lane;

// Takes the rows' length; returns the row of this invocation, which may be past the last one.
uint rows_begin(uint len)
{
    row_length = len;
    row_lane = gl_LocalInvocationID.x % LANES;
    row_chunks = WHOLE ? 1 : ((len + 3) / 4 + LANES * HELD - 1) / (LANES * HELD);
    return LINEAR_ID / LANES;
}

// The group of four that this invocation holds at place j of a chunk; it may be past the row's end.
uint row_group(uint chunk, uint j) { return (chunk * HELD + j) * LANES + row_lane; }

// 1 for the elements of a group that are in the row, else 0.
vec4 row_mask(uint group)
{
    return FILLED ? vec4(1) : vec4(lessThan(uvec4(0, 1, 2, 3) + 4 * group, uvec4(row_length)));
}

// ROW_INPUT(x) makes x_row(row, group), ROW_OUTPUT(y) makes y_row(row, group, value).
#define ROW_INPUT(name)                                                                            \
    vec4 name##_row(uint row, uint group)                                                          \
    {                                                                                              \
        if (ALIGNED)                                                                               \
            return LOAD4(name, row * (row_length / 4) +                                            \
                                   (FILLED ? group : min(group, row_length / 4 - 1)));             \
        uint base = row * row_length, last = row_length - 1;                                       \
        return vec4(LOAD1(name, base + min(4 * group, last)),                                      \
                    LOAD1(name, base + min(4 * group + 1, last)),                                  \
                    LOAD1(name, base + min(4 * group + 2, last)),                                  \
                    LOAD1(name, base + min(4 * group + 3, last)));                                 \
    }
#define ROW_OUTPUT(name)                                                                           \
    void name##_row(uint row, uint group, vec4 value)                                              \
    {                                                                                              \
        uint base = row * row_length, first = 4 * group;                                           \
        if (ALIGNED) {                                                                             \
            if (FILLED || first < row_length)                                                      \
                STORE4(name, base / 4 + group, value);                                             \
        } else {                                                                                   \
            [[unroll]] for (uint c = 0; c < 4; c++)                                                \
                if (first + c < row_length)                                                        \
                    STORE1(name, base + first + c, value[c]);                                      \
        }                                                                                          \
    }

// Adds to the sum s.x over chunks what a chunk gave; s.y is the rounding error so far, so that long rows
// lose nothing (Kahan).
void row_add(inout vec2 s, vec4 part)
{
    precise float a = dot(part, vec4(1)) - s.y;
    precise float sum = s.x + a;
    precise float error = (sum - s.x) - a;
    s = vec2(sum, error);
}

// max of numbers in one instruction: drivers spend more on max() to get its NaNs right. NaN here: b.
float larger(float a, float b)
{
    precise bool more = a > b;
    precise float c = more ? a : b;
    return c;
}
float max_of(vec4 v) { return larger(larger(v.x, v.y), larger(v.z, v.w)); }

#ifdef SINGLE
#define BUTTERFLY(a, width, combine)
#else
// Straight-line steps: a loop that doubles its mask is not unrolled everywhere.
#define BUTTERFLY_STEP(a, width, combine, step)                                                    \
    if (width > step)                                                                              \
        a = combine(a, subgroupShuffleXor(a, step));
#define BUTTERFLY(a, width, combine)                                                               \
    BUTTERFLY_STEP(a, width, combine, 1)                                                           \
    BUTTERFLY_STEP(a, width, combine, 2)                                                           \
    BUTTERFLY_STEP(a, width, combine, 4)                                                           \
    BUTTERFLY_STEP(a, width, combine, 8)                                                           \
    BUTTERFLY_STEP(a, width, combine, 16)                                                          \
    BUTTERFLY_STEP(a, width, combine, 32)                                                          \
    BUTTERFLY_STEP(a, width, combine, 64)
#endif
#define PLUS(a, b) ((a) + (b))

// Over the lanes of the row; every lane gets the result.
float row_sum(float a)
{
    BUTTERFLY(a, LANES, PLUS)
    return a;
}
float row_sum(vec2 s)
{
    return row_sum(s.x);
}
float row_max(float a)
{
    BUTTERFLY(a, LANES, max)
    return a;
}
#endif

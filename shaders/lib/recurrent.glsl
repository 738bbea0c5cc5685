// What steps forward and backward share: which rows and units are an invocation's, when a row's step is, and
// the product of the state with its weights.
layout(constant_id = 1) const uint ROWS = 1;
layout(constant_id = 2) const bool ALIGNED = false; // hidden is a multiple of four

#if defined(BACKWARD)
#define GATES 1
#elif defined(LSTM)
#define GATES 4
#else
#define GATES 3
#endif

#ifdef LSTM
#define SAVED 5 // i, f, g, o, c
#else
#define SAVED 4 // r, z, n, the state's part of n
#endif
#define AT(i, t) (row_of[i] * times + (t))

INPUT(0, a)  // the product's left side: the state before; backward the gates' gradients of the step after
INPUT(1, w)  // its right side [k, GATES hidden]
INPUT_INT(2, lengths)
INPUT(3, c) // the cell's state before

uint unit;                     // the first of four
uint first; // row
uint row_of[ROWS], len_of[ROWS];
vec4 acc[GATES * ROWS];

// Four units from element `at` on, which is that of unit `unit`.
#define UNIT_INPUT(name)                                                                           \
    vec4 name##_units(uint at)                                                                     \
    {                                                                                              \
        if (ALIGNED)                                                                               \
            return LOAD4(name, at / 4);                                                            \
        const uint last = at + hidden - 1 - unit;                                                  \
        return vec4(LOAD1(name, at), LOAD1(name, min(at + 1, last)),                               \
                    LOAD1(name, min(at + 2, last)), LOAD1(name, min(at + 3, last)));               \
    }
#define UNIT_OUTPUT(name)                                                                          \
    void name##_put(uint at, vec4 v)                                                               \
    {                                                                                              \
        if (ALIGNED) {                                                                             \
            STORE4(name, at / 4, v);                                                               \
        } else {                                                                                   \
            [[unroll]] for (uint i = 0; i < 4; i++)                                                \
                if (unit + i < hidden)                                                             \
                    STORE1(name, at + i, v[i]);                                                    \
        }                                                                                          \
    }

UNIT_INPUT(w)
UNIT_INPUT(c)

bool is_on(uint i, int s) { return s < int(len_of[i]); }
uint time_of(uint i, int s)
{
    return reverse != 0 && is_on(i, s) ? len_of[i] - 1 - uint(s) : uint(s);
}
// Of the step before, which step 0 does not have.
uint time_before(uint i, int s)
{
    return s > 0 && is_on(i, s) ? time_of(i, s - 1) : 0;
}

// False: nothing to do.
bool begin()
{
    const uint groups = (hidden + 3) / 4, id = LINEAR_ID;
    unit = id % groups * 4;
    first = id / groups * ROWS;
    [[unroll]] for (uint i = 0; i < ROWS; i++) {
        row_of[i] = min(first + i, batch - 1);
        len_of[i] = times;
        if (has_lengths != 0)
            len_of[i] = uint(clamp(LOAD_INT(lengths, row_of[i]), 0, int(times)));
    }
    return first < batch;
}

// acc[g ROWS + i] = sum over k of a[row i, k] w[k, g hidden + unit ..]; the row i of a begins at at[i].
void multiply(uint at[ROWS])
{
    [[unroll]] for (uint g = 0; g < GATES * ROWS; g++)
        acc[g] = vec4(0);
    const uint end = k, pitch = GATES * hidden, gate = hidden;
    for (uint k0 = 0; k0 < end; k0 += 4) {
        vec4 v[ROWS];
        [[unroll]] for (uint i = 0; i < ROWS; i++) {
            if (ALIGNED) {
                v[i] = LOAD4(a, (at[i] + k0) / 4);
            } else {
                const uint last = at[i] + end - 1;
                v[i] = vec4(LOAD1(a, at[i] + k0), LOAD1(a, min(at[i] + k0 + 1, last)),
                            LOAD1(a, min(at[i] + k0 + 2, last)), LOAD1(a, min(at[i] + k0 + 3, last)));
                v[i] *= vec4(lessThan(uvec4(k0) + uvec4(0, 1, 2, 3), uvec4(end)));
            }
        }
        [[unroll]] for (uint j = 0; j < 4; j++) {
            const uint from = (ALIGNED ? k0 + j : min(k0 + j, end - 1)) * pitch + unit;
            [[unroll]] for (uint g = 0; g < GATES; g++) {
                const vec4 column = w_units(from + g * gate);
                [[unroll]] for (uint i = 0; i < ROWS; i++)
                    acc[g * ROWS + i] += v[i][j] * column;
            }
        }
    }
}

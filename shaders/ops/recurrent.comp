// One step of a GRU or LSTM for all rows of the batch: the product of the state with its weights, and the
// gates. An invocation has four neighbouring units of ROWS rows (src/ops/recurrent.c has the formulas).
// Step s of a row whose length is n is time s, or n - 1 - s in reverse, while s < n; a later step is time s,
// where results are 0.
// variant: gru
// variant: gru.texel TEXEL
// variant: lstm LSTM
// variant: lstm.texel LSTM TEXEL
#include "push.glsl"
#include "recurrent_push.glsl"
PUSH(recurrent) { RECURRENT_PUSH } PUSH_END(recurrent);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

#include "recurrent.glsl"

INPUT(4, gx)
INPUT(5, bias)
OUTPUT(6, y)
OUTPUT(7, last)
OUTPUT(8, saved)
OUTPUT(9, c_last)
UNIT_INPUT(a)
UNIT_INPUT(gx)
UNIT_INPUT(bias)
UNIT_OUTPUT(y)
UNIT_OUTPUT(last)
UNIT_OUTPUT(saved)
UNIT_OUTPUT(c_last)

vec4 before_gate(uint i, uint t, uint g)
{
    return acc[g * ROWS + i] + gx_units((AT(i, t) * GATES + g) * hidden + unit);
}

void save(uint i, uint t, uint g, vec4 v)
{
    saved_put((AT(i, t) * SAVED + g) * hidden + unit, v);
}

// The new state (x) and cell (y) of row i, h and cell being those before.
void update(uint i, uint t, inout vec4 h, inout vec4 cell)
{
#ifdef LSTM
    const vec4 in_ = venn_sigmoid(before_gate(i, t, 0)), forget = venn_sigmoid(before_gate(i, t, 1));
    const vec4 fresh = venn_tanh(before_gate(i, t, 2)), out_ = venn_sigmoid(before_gate(i, t, 3));
    cell = forget * cell + in_ * fresh;
    h = out_ * venn_tanh(cell);
    save(i, t, 0, in_);
    save(i, t, 1, forget);
    save(i, t, 2, fresh);
    save(i, t, 3, out_);
    save(i, t, 4, cell);
#else
    const vec4 r = venn_sigmoid(before_gate(i, t, 0)), z = venn_sigmoid(before_gate(i, t, 1));
    const vec4 state = acc[2 * ROWS + i];
    const vec4 n = venn_tanh(gx_units((AT(i, t) * 3 + 2) * hidden + unit) + r * state);
    h = n + z * (h - n);
    save(i, t, 0, r);
    save(i, t, 1, z);
    save(i, t, 2, n);
    save(i, t, 3, state);
#endif
}

// from: of the state before.
void finish(uint i, int s, uint from)
{
    const uint t = time_of(i, s), own = row_of[i] * hidden + unit;
    const bool on = is_on(i, s);
    vec4 h = vec4(0), cell = vec4(0);
    if (has_h != 0)
        h = a_units(from);
#ifdef LSTM
    if (has_c != 0)
        cell = c_units(row_of[i] * c_stride + time_before(i, s) * c_pitch + c_first + unit);
#endif
    if (on)
        update(i, t, h, cell);
    if (s + 1 == int(len_of[i]) || (s == 0 && !on)) {
        last_put(own, h);
#ifdef LSTM
        c_last_put(own, cell);
#endif
    }
    y_put(AT(i, t) * hidden + unit, on ? h : vec4(0));
}

void main()
{
    if (!begin())
        return;
    uint at[ROWS];
    const int s = now;
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        at[i] = row_of[i] * a_stride + time_before(i, s) * a_pitch;
    multiply(at);
    if (has_bias != 0)
        [[unroll]] for (uint g = 0; g < GATES; g++) {
            const vec4 b = bias_units(g * hidden + unit);
            [[unroll]] for (uint i = 0; i < ROWS; i++)
                acc[g * ROWS + i] += b;
        }
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        if (first + i < batch)
            finish(i, s, at[i] + unit);
}
#endif

// One step back of a GRU or LSTM: from the gradients of the step after, times the weights, and what comes in
// besides to the gradients of what went into the gates (recurrent.comp says what an invocation has).
// variant: gru
// variant: gru.texel TEXEL
// variant: lstm LSTM
// variant: lstm.texel LSTM TEXEL
#define BACKWARD
#include "push.glsl"
#include "recurrent_push.glsl"
PUSH(recurrent_backward) { RECURRENT_PUSH } PUSH_END(recurrent_backward);

#ifndef VENN_HOST
#include "venn.glsl"
#include "math.glsl"

#include "recurrent.glsl"

INPUT(4, h) // the state before
INPUT(5, dy)
INPUT(6, dlast)
INPUT(8, saved)
OUTPUT(9, dgx)
OUTPUT(10, hprev) // the state before, of all steps; of an LSTM at the end dh0
INOUT(11, carry)  // a GRU's gradient of the state before, but for the product, at the end dh0; an LSTM's of the
                  // cell before, at the end dc0
UNIT_INPUT(h)
UNIT_INPUT(dy)
UNIT_INPUT(dlast)
UNIT_INPUT(saved)
UNIT_OUTPUT(dgx)
UNIT_OUTPUT(hprev)
UNIT_OUTPUT(carry)
#ifdef LSTM
INPUT(7, dclast)
UNIT_INPUT(dclast)
#define PARTS 4
#else
OUTPUT(7, dgh)
UNIT_OUTPUT(dgh)
#define PARTS 3
#endif

vec4 carried(uint at)
{
    if (ALIGNED)
        return GET4(carry, at / 4);
    const uint last = at + hidden - 1 - unit;
    return vec4(GET1(carry, at), GET1(carry, min(at + 1, last)), GET1(carry, min(at + 2, last)),
                GET1(carry, min(at + 3, last)));
}

vec4 gate(uint i, uint t, uint g)
{
    return saved_units((AT(i, t) * SAVED + g) * hidden + unit);
}

// The gradient d of what goes into part g of the gates, from x and from the state.
void put(uint i, uint t, uint g, vec4 d, vec4 state)
{
    const uint to = (AT(i, t) * PARTS + g) * hidden + unit;
    dgx_put(to, d);
#ifndef LSTM
    dgh_put(to, state);
#endif
}

void descend(uint i, uint t, vec4 before, vec4 dh, vec4 dc)
{
    const uint own = row_of[i] * hidden + unit;
#ifdef LSTM
    const vec4 in_ = gate(i, t, 0), forget = gate(i, t, 1), fresh = gate(i, t, 2);
    const vec4 out_ = gate(i, t, 3), y = venn_tanh(gate(i, t, 4));
    vec4 cell = vec4(0);
    if (has_c != 0)
        cell = c_units(row_of[i] * c_stride + time_before(i, now) * c_pitch + c_first + unit);
    dc += dh * out_ * (1.0 - y * y);
    const vec4 d_in = dc * fresh * in_ * (1.0 - in_), d_out = dh * y * out_ * (1.0 - out_);
    const vec4 d_forget = dc * cell * forget * (1.0 - forget), d_fresh = dc * in_ * (1.0 - fresh * fresh);
    put(i, t, 0, d_in, d_in);
    put(i, t, 1, d_forget, d_forget);
    put(i, t, 2, d_fresh, d_fresh);
    put(i, t, 3, d_out, d_out);
    carry_put(own, dc * forget);
#else
    const vec4 r = gate(i, t, 0), z = gate(i, t, 1), n = gate(i, t, 2), state = gate(i, t, 3);
    const vec4 dn = dh * (1.0 - z) * (1.0 - n * n), dz = dh * (before - n) * z * (1.0 - z);
    const vec4 dr = dn * state * r * (1.0 - r);
    put(i, t, 0, dr, dr);
    put(i, t, 1, dz, dz);
    put(i, t, 2, dn, dn * r);
    carry_put(own, dh * z);
#endif
}

void finish(uint i, int s)
{
    const uint own = row_of[i] * hidden + unit;
    const int length = int(len_of[i]);
    vec4 dh = acc[i], dc = vec4(0);
    if (s + 1 >= length) {
        dh = vec4(0);
        if (has_dlast != 0)
            dh = dlast_units(own);
    }
#ifdef LSTM
    if (s + 1 < length)
        dc = carried(own);
    else if (has_dclast != 0)
        dc = dclast_units(own);
#else
    if (s + 1 < length)
        dh += carried(own);
#endif
    if (s < 0) {
#ifdef LSTM
        hprev_put(own, dh);
        carry_put(own, dc);
#else
        carry_put(own, dh);
#endif
        return;
    }
    const uint t = time_of(i, s);
    vec4 before = vec4(0);
    if (is_on(i, s)) {
        if (has_dy != 0)
            dh += dy_units(AT(i, t) * hidden + unit);
        if (has_h != 0)
            before = h_units(row_of[i] * h_stride + time_before(i, s) * h_pitch + unit);
        descend(i, t, before, dh, dc);
    } else {
        [[unroll]] for (uint g = 0; g < PARTS; g++)
            put(i, t, g, vec4(0), vec4(0));
    }
    hprev_put(AT(i, t) * hidden + unit, before);
}

void main()
{
    if (!begin())
        return;
    uint at[ROWS];
    const int s = now;
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        at[i] = row_of[i] * a_stride + time_of(i, s + 1) * a_pitch;
    multiply(at);
    [[unroll]] for (uint i = 0; i < ROWS; i++)
        if (first + i < batch)
            finish(i, s);
}
#endif

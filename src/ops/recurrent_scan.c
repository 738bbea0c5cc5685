// The scan of recurrent.h and its gradient. Besides its results the scan keeps the gates, with which the
// gradient goes back step by step: it makes the gradients of what went into the gates, from x (dgx) and from
// the state (dgh, the same but for a GRU's n), and gathers the states before each step (hprev); then
// dw_hh = dgh^T hprev and db_hh = sum of dgh, over all steps at once.
#include <stdio.h>

#include "ops/gemm.h"
#include "ops/recurrent.h"
#include "venn/ops.h"

#define VENN_HOST
#include "recurrent.comp"

typedef struct scan_params {
    bool lstm, reverse;
} scan_params;

// Inputs and outputs of the scan and of its gradient. w_t is w_hh transposed, a constant to
// differentiation. OTHER: dgh of a GRU, dc0 of an LSTM.
enum { GX, W_HH, W_T, B_HH, H0, C0, LENGTHS, SCAN_INPUTS };
enum { Y, LAST, SAVED, C_LAST, SCAN_OUTPUTS };
enum { B_SAVED, B_Y, B_W, B_H0, B_C0, B_LENGTHS, B_DY, B_DLAST, B_DC_LAST, BACKWARD_INPUTS };
enum { DGX, HPREV, DH0, OTHER, BACKWARD_OUTPUTS };

static bool is_lstm(const venn_node *n)
{
    return ((const scan_params *)n->params)->lstm;
}

// ---- Steps -----------------------------------------------------------------------------------

// What the launches of a scan have in common, and the values that change from the first step on.
typedef struct steps {
    venn_push_recurrent push;
    venn_dispatch d;
    char name[64];
    const venn_value *h0, *c0, *y, *saved;
} steps;

static void begin_steps(steps *s, const venn_recorder *r, const venn_node *n, const char *shader)
{
    const venn_profile *p = venn_recorder_profile(r);
    const scan_params *params = n->params;
    const int64_t batch = s->y->shape.dim[0], hidden = s->y->shape.dim[2];
    // Rows share the loads of weights. Odd sizes are rare, and their kernels long enough with two.
    const uint32_t rows = p->software && batch > 2 && hidden % 4 == 0 ? 4 : 2;
    const uint32_t group = p->software ? 32 : 64;
    snprintf(s->name, sizeof s->name, "%s.%s%s", shader, params->lstm ? "lstm" : "gru",
             p->texel_loads ? ".texel" : "");
    s->push.batch = (uint32_t)batch;
    s->push.times = (uint32_t)s->y->shape.dim[1];
    s->push.hidden = (uint32_t)hidden;
    s->push.reverse = params->reverse;
    s->d = (venn_dispatch){.kernel = s->name,
                           .spec = {group, rows, hidden % 4 == 0},
                           .n_spec = 3,
                           .push = &s->push,
                           .push_size = sizeof s->push,
                           .n_bind = VENN_MAX_BINDS};
    venn_groups_linear(r, (hidden + 3) / 4 * ((batch + rows - 1) / rows), group, s->d.groups);
}

// Chooses the state and cell before step `now`, bound at `h` and `c`.
static void bind_before(steps *s, int now, int h, int c)
{
    const uint32_t hidden = s->push.hidden, times = s->push.times, pitch = 5 * hidden;
    const venn_value *state = now > 0 ? s->y : s->h0, *cell = now > 0 ? s->saved : s->c0;
    s->push.now = now;
    s->push.has_h = state != NULL;
    s->push.h_stride = now > 0 ? times * hidden : hidden;
    s->push.h_pitch = now > 0 ? hidden : 0;
    s->d.bind[h] = (venn_bind){state, VENN_READ};
    if (c < 0)
        return;
    s->push.has_c = cell != NULL;
    s->push.c_stride = now > 0 ? times * pitch : hidden;
    s->push.c_pitch = now > 0 ? pitch : 0;
    s->push.c_first = now > 0 ? 4 * hidden : 0;
    s->d.bind[c] = (venn_bind){cell, VENN_READ};
}

static void launch_step(steps *s, venn_recorder *r, uint32_t k)
{
    s->push.k = k;
    s->d.trips = (k + 3) / 4;
    venn_record_dispatch(r, &s->d);
}

// No steps: what comes last is what was first.
static void pass(venn_recorder *r, const venn_value *to, const venn_value *from)
{
    if (from)
        venn_record_copy(r, to, 0, from, 0, (uint64_t)to->count * 4);
    else
        venn_record_fill(r, to, 0);
}

// ---- Forward ---------------------------------------------------------------------------------

static bool shape(venn_node *n)
{
    const venn_shape *gx = &n->in[GX]->shape;
    const int64_t hidden = n->in[W_HH]->shape.dim[1];
    const venn_shape state = VENN_SHAPE(gx->dim[0], hidden);
    venn_node_output(n, Y, VENN_F32, VENN_SHAPE(gx->dim[0], gx->dim[1], hidden));
    venn_node_output(n, LAST, VENN_F32, state);
    venn_node_output(n, SAVED, VENN_F32,
                     VENN_SHAPE(gx->dim[0], gx->dim[1], is_lstm(n) ? 5 : 4, hidden));
    if (n->n_out > C_LAST)
        venn_node_output(n, C_LAST, VENN_F32, state);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const bool lstm = is_lstm(n);
    steps s = {.y = n->out[Y], .saved = n->out[SAVED], .h0 = n->in[H0], .c0 = n->in[C0]};
    const int times = (int)s.y->shape.dim[1];
    if (times == 0) {
        pass(r, n->out[LAST], n->in[H0]);
        if (lstm)
            pass(r, n->out[C_LAST], n->in[C0]);
        return;
    }
    begin_steps(&s, r, n, "recurrent");
    s.push.has_bias = n->in[B_HH] != NULL;
    s.push.has_lengths = n->in[LENGTHS] != NULL;
    const venn_bind bind[] = {
        {NULL, VENN_READ},           {n->in[W_T], VENN_READ},
        {n->in[LENGTHS], VENN_READ}, {NULL, VENN_READ},
        {n->in[GX], VENN_READ},      {n->in[B_HH], VENN_READ},
        {s.y, VENN_WRITE},           {n->out[LAST], VENN_WRITE},
        {s.saved, VENN_WRITE},       {lstm ? n->out[C_LAST] : NULL, VENN_WRITE}};
    s.d.n_bind = sizeof bind / sizeof *bind;
    for (int i = 0; i < s.d.n_bind; i++)
        s.d.bind[i] = bind[i];
    for (int now = 0; now < times; now++) {
        bind_before(&s, now, 0, lstm ? 3 : -1);
        s.push.a_stride = s.push.h_stride;
        s.push.a_pitch = s.push.h_pitch;
        launch_step(&s, r, s.push.has_h ? s.push.hidden : 0);
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double count = (double)(n->out[0]->shape.dim[0] * n->out[0]->shape.dim[1]);
    const venn_value *w = n->in[n->op->n_inputs == SCAN_INPUTS ? (int)W_HH : (int)B_W];
    cost->flops = 2 * count * (double)w->count;
    cost->bytes = 4 * (double)(n->out[0]->count * 3);
}

// ---- Backward --------------------------------------------------------------------------------

static bool backward_shape(venn_node *n)
{
    const venn_shape y = n->in[B_Y]->shape, state = VENN_SHAPE(y.dim[0], y.dim[2]);
    const venn_shape gates = VENN_SHAPE(y.dim[0], y.dim[1], (is_lstm(n) ? 4 : 3) * y.dim[2]);
    venn_node_output(n, DGX, VENN_F32, gates);
    venn_node_output(n, HPREV, VENN_F32, y);
    venn_node_output(n, DH0, VENN_F32, state);
    venn_node_output(n, OTHER, VENN_F32, is_lstm(n) ? state : gates);
    return true;
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const bool lstm = is_lstm(n);
    steps s = {.y = n->in[B_Y], .saved = n->in[B_SAVED], .h0 = n->in[B_H0], .c0 = n->in[B_C0]};
    const venn_value *dgh = lstm ? n->out[DGX] : n->out[OTHER];
    const venn_value *carry = lstm ? n->out[OTHER] : n->out[DH0];
    const int times = (int)s.y->shape.dim[1];
    if (times == 0) {
        pass(r, n->out[DH0], n->in[B_DLAST]);
        if (lstm)
            pass(r, n->out[OTHER], n->in[B_DC_LAST]);
        return;
    }
    begin_steps(&s, r, n, "recurrent_backward");
    const uint32_t wide = (lstm ? 4 : 3) * s.push.hidden;
    s.push.has_lengths = n->in[B_LENGTHS] != NULL;
    s.push.has_dy = n->in[B_DY] != NULL;
    s.push.has_dlast = n->in[B_DLAST] != NULL;
    s.push.has_dclast = n->in[B_DC_LAST] != NULL;
    s.push.a_stride = s.push.times * wide;
    s.push.a_pitch = wide;
    const venn_bind bind[VENN_MAX_BINDS] = {
        {dgh, VENN_READ},
        {n->in[B_W], VENN_READ},
        {n->in[B_LENGTHS], VENN_READ},
        {NULL, VENN_READ},
        {NULL, VENN_READ},
        {n->in[B_DY], VENN_READ},
        {n->in[B_DLAST], VENN_READ},
        {lstm ? n->in[B_DC_LAST] : dgh, lstm ? VENN_READ : VENN_WRITE},
        {s.saved, VENN_READ},
        {n->out[DGX], VENN_WRITE},
        {n->out[HPREV], VENN_WRITE},
        {carry, VENN_UPDATE}};
    for (int i = 0; i < VENN_MAX_BINDS; i++)
        s.d.bind[i] = bind[i];
    for (int now = times - 1; now >= -1; now--) {
        bind_before(&s, now, 4, lstm ? 3 : -1);
        if (now < 0 && lstm)
            s.d.bind[10] = (venn_bind){n->out[DH0], VENN_WRITE};
        launch_step(&s, r, now + 1 < times ? wide : 0);
    }
}

static const venn_op_desc scan_backward = {
    .name = "recurrent.backward",
    .summary = "dgx, states, dh0, and dgh or dc0",
    .inputs = {{"saved"},
               {"y"},
               {"w_hh"},
               {"h0", .flags = VENN_IN_OPTIONAL},
               {"c0", .flags = VENN_IN_OPTIONAL},
               {"lengths", VENN_I32, VENN_ANY, VENN_IN_OPTIONAL},
               {"dy", .flags = VENN_IN_OPTIONAL},
               {"dlast", .flags = VENN_IN_OPTIONAL},
               {"dc_last", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = BACKWARD_INPUTS,
    .n_outputs = BACKWARD_OUTPUTS,
    .params_size = sizeof(scan_params),
    .shape = backward_shape,
    .record = record_backward,
    .cost = cost,
};

// [B, T, D] as [B T, D].
static venn_tensor flat(venn_graph *g, venn_tensor t)
{
    const venn_shape s = venn_tensor_shape(g, t);
    return venn_reshape(g, t, VENN_SHAPE(s.dim[0] * s.dim[1], s.dim[2]));
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const bool lstm = is_lstm(n);
    const venn_matmul_params product = {.trans_a = true};
    venn_tensor out[BACKWARD_OUTPUTS];
    const venn_tensor in[BACKWARD_INPUTS] = {[B_SAVED] = venn_out(n, SAVED),
                                             [B_Y] = venn_out(n, Y),
                                             [B_W] = venn_in(n, W_HH),
                                             [B_H0] = venn_in(n, H0),
                                             [B_C0] = venn_in(n, C0),
                                             [B_LENGTHS] = venn_in(n, LENGTHS),
                                             [B_DY] = dy[Y],
                                             [B_DLAST] = dy[LAST],
                                             [B_DC_LAST] = lstm ? dy[C_LAST] : VENN_NONE};
    venn_op_apply(g, &scan_backward, in, BACKWARD_INPUTS, n->params, out);
    const venn_tensor dgh = lstm ? out[DGX] : out[OTHER];
    dx[GX] = out[DGX];
    dx[H0] = out[DH0];
    if (need & 1u << W_HH)
        dx[W_HH] = venn_matmul(g, flat(g, dgh), flat(g, out[HPREV]), VENN_NONE, &product);
    if (need & 1u << B_HH)
        dx[B_HH] = venn_gemm_bias_gradient(g, dgh, 2);
    if (lstm)
        dx[C0] = out[OTHER];
}

#define SCAN_DESC(op, outputs)                                                                     \
    {                                                                                              \
        .name = op, .summary = "y, the last state, the gates",                                     \
        .inputs = {{"gx"},                                                                         \
                   {"w_hh"},                                                                       \
                   {"w_t", .flags = VENN_IN_NO_GRAD},                                              \
                   {"b_hh", .flags = VENN_IN_OPTIONAL},                                            \
                   {"h0", .flags = VENN_IN_OPTIONAL},                                              \
                   {"c0", .flags = VENN_IN_OPTIONAL},                                              \
                   {"lengths", VENN_I32, VENN_ANY, VENN_IN_OPTIONAL}},                             \
        .n_inputs = SCAN_INPUTS, .n_outputs = outputs, .params_size = sizeof(scan_params),         \
        .shape = shape, .record = record, .gradient = gradient, .cost = cost                       \
    }

static const venn_op_desc gru_scan = SCAN_DESC("gru.scan", C_LAST);
static const venn_op_desc lstm_scan = SCAN_DESC("lstm.scan", SCAN_OUTPUTS);

bool venn_recurrent_scan_apply(venn_graph *g, const venn_recurrent_scan *scan, bool lstm,
                               bool reverse, venn_tensor out[3])
{
    const scan_params params = {lstm, reverse};
    venn_tensor made[SCAN_OUTPUTS] = {{0}};
    const venn_tensor in[SCAN_INPUTS] = {
        [GX] = scan->gx,          [W_HH] = scan->w_hh, [W_T] = venn_transpose(g, scan->w_hh, NULL),
        [B_HH] = scan->b_hh,      [H0] = scan->h,      [C0] = scan->c,
        [LENGTHS] = scan->lengths};
    venn_op_apply(g, lstm ? &lstm_scan : &gru_scan, in, SCAN_INPUTS, &params, made);
    out[0] = made[Y];
    out[1] = made[LAST];
    out[2] = made[C_LAST];
    return venn_graph_status(g) == VENN_OK;
}

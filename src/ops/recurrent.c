// Recurrent networks: shapes and what they are built of (see recurrent.h).
//   GRU   r, z = sigmoid(gx + gh), n = tanh(gx_n + r gh_n), h' = (1 - z) n + z h
//   LSTM  i, f, o = sigmoid(gx + gh), g = tanh(gx_g + gh_g), c' = f c + i g, h' = o tanh(c')
// with gx = x w_ih^T + b_ih and gh = h w_hh^T + b_hh.
#include "ops/recurrent.h"
#include "venn/ops.h"

// ---- Form ------------------------------------------------------------------------------------

static const venn_value *input(const venn_node *n, int i)
{
    return i >= 0 && i < n->n_in ? n->in[i] : NULL;
}

venn_recurrent_form venn_recurrent_form_of(const venn_node *n, venn_recurrent kind)
{
    const int w_ih = kind.lstm ? 3 : 2;
    const venn_shape *x = &n->in[0]->shape, *w = &n->in[w_ih + 1]->shape;
    return (venn_recurrent_form){.batch = x->dim[0],
                                 .times = kind.cell ? 1 : x->dim[1],
                                 .in = x->dim[kind.cell ? 1 : 2],
                                 .hidden = w->dim[1],
                                 .gates = kind.lstm ? 4 : 3,
                                 .c = kind.lstm ? 2 : -1,
                                 .w_ih = w_ih,
                                 .w_hh = w_ih + 1,
                                 .b_ih = w_ih + 2,
                                 .b_hh = w_ih + 3,
                                 .lengths = kind.cell ? -1 : w_ih + 4};
}

// True if input i is absent or of this shape.
static bool fits(const venn_node *n, int i, venn_shape shape)
{
    const venn_value *value = input(n, i);
    return !value || venn_shape_equal(&value->shape, &shape);
}

bool venn_recurrent_shape(venn_node *n, venn_recurrent kind)
{
    const venn_recurrent_form f = venn_recurrent_form_of(n, kind);
    const venn_shape state = VENN_SHAPE(f.batch, f.hidden);
    const int64_t wide = f.gates * f.hidden;
    if (n->in[0]->shape.rank != (kind.cell ? 2 : 3))
        return venn_node_error(n, kind.cell ? "x must be [B, I]" : "x must be [B, T, I]");
    if (n->in[f.w_hh]->shape.rank != 2 || !fits(n, f.w_hh, VENN_SHAPE(wide, f.hidden)))
        return venn_node_error(n, "w_hh must be [%d H, H]", (int)f.gates);
    if (!fits(n, f.w_ih, VENN_SHAPE(wide, f.in)))
        return venn_node_error(n, "w_ih must be [%d H, I]", (int)f.gates);
    if (!fits(n, f.b_ih, VENN_SHAPE(wide)) || !fits(n, f.b_hh, VENN_SHAPE(wide)))
        return venn_node_error(n, "b_ih and b_hh must be [%d H]", (int)f.gates);
    if (!fits(n, 1, state) || !fits(n, f.c, state))
        return venn_node_error(n, "the first state must be [B, H]");
    if (!fits(n, f.lengths, VENN_SHAPE(f.batch)))
        return venn_node_error(n, "lengths must be [B]");
    int next = 0;
    if (!kind.cell)
        venn_node_output(n, next++, VENN_F32, VENN_SHAPE(f.batch, f.times, f.hidden));
    venn_node_output(n, next++, VENN_F32, state);
    if (kind.lstm)
        venn_node_output(n, next, VENN_F32, state);
    return true;
}

void venn_recurrent_cost(const venn_node *n, venn_recurrent kind, venn_cost *cost)
{
    const venn_recurrent_form f = venn_recurrent_form_of(n, kind);
    const double steps = (double)f.batch * (double)f.times, wide = (double)(f.gates * f.hidden);
    cost->flops = 2 * steps * wide * (double)(f.in + f.hidden);
    cost->bytes = 4 * (steps * (double)(f.in + f.hidden) + wide * (double)(f.in + f.hidden));
}

// ---- Nodes -----------------------------------------------------------------------------------

static venn_tensor operand(const venn_tensor *in, const venn_node *n, int i)
{
    return input(n, i) ? in[i] : VENN_NONE;
}

bool venn_recurrent_build(venn_graph *g, const venn_node *n, venn_recurrent kind,
                          const venn_tensor *in, venn_tensor *out)
{
    const venn_recurrent_form f = venn_recurrent_form_of(n, kind);
    const venn_matmul_params weights = {.trans_b = true};
    const venn_tensor x = kind.cell ? venn_reshape(g, in[0], VENN_SHAPE(f.batch, 1, f.in)) : in[0];
    const venn_tensor gx = venn_matmul(g, x, in[f.w_ih], operand(in, n, f.b_ih), &weights);
    const venn_recurrent_scan scan = {.gx = gx,
                                      .w_hh = in[f.w_hh],
                                      .b_hh = operand(in, n, f.b_hh),
                                      .h = operand(in, n, 1),
                                      .c = operand(in, n, f.c),
                                      .lengths = operand(in, n, f.lengths)};
    venn_tensor made[3]; // y, the last state, the last cell
    if (!venn_recurrent_scan_apply(g, &scan, kind.lstm, kind.reverse, made))
        return false;
    for (int i = 0; i < n->n_out; i++)
        out[i] = made[i + kind.cell];
    return true;
}

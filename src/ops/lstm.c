// lstm: c = f c + i g, h = o tanh(c), i, f, o = sigmoid(gx + gh), g = tanh(gx_g + gh_g), for all steps of x
//       with gx = x w_ih^T + b_ih, gh = h w_hh^T + b_hh; back-propagation through time (recurrent.h)
#include "ops/recurrent.h"
#include "venn/ops.h"

static venn_recurrent kind_of(const venn_node *n)
{
    const venn_recurrent_params *p = n->params;
    return (venn_recurrent){.lstm = true, .reverse = p->reverse};
}

VENN_RECURRENT_RULES(kind_of)

static const venn_param_def params[] = {{"reverse", VENN_PARAM_BOOL,
                                         offsetof(venn_recurrent_params, reverse),
                                         .doc = "from the last step to the first"},
                                        {0}};

const venn_op_desc venn_op_lstm = {
    .name = "lstm",
    .summary = "y = the states of an LSTM over x [B, T, I]; the last one and its cell",
    .inputs = {{"x"},
               {"h", .flags = VENN_IN_OPTIONAL},
               {"c", .flags = VENN_IN_OPTIONAL},
               {"w_ih", .domain = VENN_WEIGHT},
               {"w_hh", .domain = VENN_WEIGHT},
               {"b_ih", .flags = VENN_IN_OPTIONAL},
               {"b_hh", .flags = VENN_IN_OPTIONAL},
               {"lengths", VENN_I32, VENN_CLASS, VENN_IN_OPTIONAL}},
    .n_inputs = 8,
    .n_outputs = 3,
    .params_size = sizeof(venn_recurrent_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
};

venn_tensor venn_lstm(venn_graph *g, venn_tensor x, const venn_recurrent_state *first,
                      const venn_recurrent_weights *w, venn_tensor lengths,
                      const venn_recurrent_params *p, venn_recurrent_state *last)
{
    const venn_recurrent_state none = {{0}, {0}}, *s = first ? first : &none;
    venn_tensor in[] = {x, s->h, s->c, w->w_ih, w->w_hh, w->b_ih, w->b_hh, lengths}, out[3];
    venn_op_apply(g, &venn_op_lstm, in, 8, p, out);
    if (last)
        *last = (venn_recurrent_state){out[1], out[2]};
    return out[0];
}

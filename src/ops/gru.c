// gru: h = (1 - z) n + z h, r, z = sigmoid(gx + gh), n = tanh(gx_n + r gh_n), for all steps of x
//      with gx = x w_ih^T + b_ih, gh = h w_hh^T + b_hh; back-propagation through time (recurrent.h)
#include "ops/recurrent.h"
#include "venn/ops.h"

static venn_recurrent kind_of(const venn_node *n)
{
    const venn_recurrent_params *p = n->params;
    return (venn_recurrent){.reverse = p->reverse};
}

VENN_RECURRENT_RULES(kind_of)

static const venn_param_def params[] = {{"reverse", VENN_PARAM_BOOL,
                                         offsetof(venn_recurrent_params, reverse),
                                         .doc = "from the last step to the first"},
                                        {0}};

const venn_op_desc venn_op_gru = {
    .name = "gru",
    .summary = "y = the states of a GRU over x [B, T, I]; and the last one",
    .inputs = {{"x"},
               {"h", .flags = VENN_IN_OPTIONAL},
               {"w_ih", .domain = VENN_WEIGHT},
               {"w_hh", .domain = VENN_WEIGHT},
               {"b_ih", .flags = VENN_IN_OPTIONAL},
               {"b_hh", .flags = VENN_IN_OPTIONAL},
               {"lengths", VENN_I32, VENN_CLASS, VENN_IN_OPTIONAL}},
    .n_inputs = 7,
    .n_outputs = 2,
    .params_size = sizeof(venn_recurrent_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
};

venn_tensor venn_gru(venn_graph *g, venn_tensor x, venn_tensor h, const venn_recurrent_weights *w,
                     venn_tensor lengths, const venn_recurrent_params *p, venn_tensor *last)
{
    venn_tensor in[] = {x, h, w->w_ih, w->w_hh, w->b_ih, w->b_hh, lengths}, out[2];
    venn_op_apply(g, &venn_op_gru, in, 7, p, out);
    if (last)
        *last = out[1];
    return out[0];
}

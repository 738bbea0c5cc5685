// lstm_cell: one step of lstm
//            gradient as of lstm (recurrent.h)
#include "ops/recurrent.h"
#include "venn/ops.h"

static venn_recurrent kind_of(const venn_node *n)
{
    (void)n;
    return (venn_recurrent){.lstm = true, .cell = true};
}

VENN_RECURRENT_RULES(kind_of)

const venn_op_desc venn_op_lstm_cell = {
    .name = "lstm_cell",
    .summary = "one step of an LSTM: state and cell",
    .inputs = {{"x"},
               {"h", .flags = VENN_IN_OPTIONAL},
               {"c", .flags = VENN_IN_OPTIONAL},
               {"w_ih"},
               {"w_hh"},
               {"b_ih", .flags = VENN_IN_OPTIONAL},
               {"b_hh", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 7,
    .n_outputs = 2,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_lstm_cell(venn_graph *g, venn_tensor x, venn_tensor h, venn_tensor c,
                           const venn_recurrent_weights *w, venn_tensor *c_next)
{
    venn_tensor in[] = {x, h, c, w->w_ih, w->w_hh, w->b_ih, w->b_hh}, out[2];
    venn_op_apply(g, &venn_op_lstm_cell, in, 7, NULL, out);
    if (c_next)
        *c_next = out[1];
    return out[0];
}

// gru_cell: one step of gru
//           gradient as of gru (recurrent.h)
#include "ops/recurrent.h"
#include "venn/ops.h"

static venn_recurrent kind_of(const venn_node *n)
{
    (void)n;
    return (venn_recurrent){.cell = true};
}

VENN_RECURRENT_RULES(kind_of)

const venn_op_desc venn_op_gru_cell = {
    .name = "gru_cell",
    .summary = "one step of a GRU",
    .inputs = {{"x"},
               {"h", .flags = VENN_IN_OPTIONAL},
               {"w_ih"},
               {"w_hh"},
               {"b_ih", .flags = VENN_IN_OPTIONAL},
               {"b_hh", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 6,
    .n_outputs = 1,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gru_cell(venn_graph *g, venn_tensor x, venn_tensor h,
                          const venn_recurrent_weights *w)
{
    venn_tensor in[] = {x, h, w->w_ih, w->w_hh, w->b_ih, w->b_hh};
    return venn_op_apply(g, &venn_op_gru_cell, in, 6, NULL, NULL);
}

// stop_gradient: y = x, a constant to differentiation; no data moves
#include <string.h>

#include "ops/unary.h"
#include "venn/ops.h"

static void ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[0], (size_t)r->node->out[0]->count * sizeof(double));
}

const venn_op_desc venn_op_stop_gradient = {
    .name = "stop_gradient",
    .summary = "y = x, a constant to differentiation",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = venn_unary_shape,
    .ref = ref,
    .alias = true,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_stop_gradient(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_stop_gradient, &x, 1, NULL, NULL);
}

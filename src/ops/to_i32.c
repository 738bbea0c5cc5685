// to_i32: y = the whole number nearest to x, ties to even; -2^31 where x is none of i32
//         not differentiable
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_I32, n->in[0]->shape);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "to_i32.forward");
}

static void ref(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double x = rint(r->x[0][i]);
        r->y[0][i] = fabs(x) < 0x1p31 ? x : -0x1p31;
    }
}

const venn_op_desc venn_op_to_i32 = {
    .name = "to_i32",
    .summary = "y = the whole number nearest to x, ties to even",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = venn_unary_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_to_i32(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_to_i32, &x, 1, NULL, NULL);
}

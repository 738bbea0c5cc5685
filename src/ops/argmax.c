// argmax: y[b] = index of the largest x[b, c], the lowest where several are
//         not differentiable
#include <math.h>

#include "ops/rows.h"
#include "venn/ops.h"

#define VENN_HOST
#include "argmax.comp"

static bool shape(venn_node *n)
{
    venn_shape y = n->in[0]->shape;
    if (y.rank == 0 || y.dim[y.rank - 1] == 0)
        return venn_node_error(n, "x must be [.., C] with at least one class");
    y.dim[--y.rank] = 0;
    venn_node_output(n, 0, VENN_I32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_push_argmax push = {(uint32_t)venn_rows_count(n->in[0]),
                                   (uint32_t)venn_rows_length(n->in[0])};
    venn_rows_record(r, n, "argmax.forward", &push, sizeof push, 1, 1);
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length;
        double top = -INFINITY;
        r->y[0][row] = 0;
        for (int64_t c = 0; c < length; c++)
            if (x[c] > top) {
                top = x[c];
                r->y[0][row] = (double)c;
            }
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

const venn_op_desc venn_op_argmax = {
    .name = "argmax",
    .summary = "y = index of the largest along the last axis",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_argmax(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_argmax, &x, 1, NULL, NULL);
}

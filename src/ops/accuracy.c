// accuracy: y = number of rows b with argmax x[b] = label[b]
//           not differentiable
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    if (x->rank == 0 || x->dim[x->rank - 1] == 0)
        return venn_node_error(n, "x must be [.., C] with at least one class");
    if (!venn_loss_labels_fit(n, 1))
        return venn_node_error(n, "label must have the shape of x without its last axis");
    venn_node_output(n, 0, VENN_I32, VENN_SCALAR);
    return true;
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n)
{
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){.stem = "accuracy.forward",
                       .total = "accuracy.total",
                       .plan = venn_rows_plan(profile, rows, length, 1),
                       .rows = rows,
                       .length = length,
                       .passes = 1};
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n);
    return venn_loss_workspace(profile, &loss);
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    r->y[0][0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length;
        double top = -INFINITY;
        int64_t best = 0;
        for (int64_t c = 0; c < length; c++)
            if (x[c] > top) {
                top = x[c];
                best = c;
            }
        r->y[0][0] += (double)best == r->x[1][row];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count);
}

const venn_op_desc venn_op_accuracy = {
    .name = "accuracy",
    .summary = "y = number of rows whose largest element is the label's",
    .inputs = {{"x"}, {"label", VENN_I32, VENN_CLASS, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .ref = ref,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_accuracy(venn_graph *g, venn_tensor x, venn_tensor label)
{
    venn_tensor in[] = {x, label};
    return venn_op_apply(g, &venn_op_accuracy, in, 2, NULL, NULL);
}

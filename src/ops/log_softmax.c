// log_softmax: y = x - log sum e^x along the last axis
//              dx = dy - e^y sum dy
#include <math.h>

#include "ops/rows.h"
#include "venn/ops.h"

#define VENN_HOST
#include "log_softmax.comp"

static bool shape(venn_node *n)
{
    if (n->in[0]->shape.rank == 0)
        return venn_node_error(n, "x needs an axis");
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void launch(venn_recorder *r, const venn_node *n, const char *stem, int passes)
{
    const venn_push_log_softmax push = {(uint32_t)venn_rows_count(n->in[0]),
                                        (uint32_t)venn_rows_length(n->in[0])};
    venn_rows_record(r, n, stem, &push, sizeof push, 1, passes);
}

static void record(venn_recorder *r, const venn_node *n)
{
    launch(r, n, "log_softmax.forward", 3);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    launch(r, n, "log_softmax.backward", 2);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 5.0 * (double)n->out[0]->count;
    cost->bytes = 4.0 * (double)n->out[0]->count * (n->n_in + 1);
}

static const venn_op_desc log_softmax_backward = {
    .name = "log_softmax.backward",
    .summary = "dx = dy - e^y sum dy",
    .inputs = {{"y"}, {"dy"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_out(n, 0), dy[0]};
    dx[0] = venn_op_apply(g, &log_softmax_backward, in, 2, NULL, NULL);
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]),
                  count = venn_rows_count(r->node->in[0]);
    for (int64_t row = 0; row < count; row++) {
        const double *x = r->x[0] + row * length;
        double top = x[0], sum = 0;
        for (int64_t c = 1; c < length; c++)
            top = fmax(top, x[c]);
        for (int64_t c = 0; c < length; c++)
            sum += exp(x[c] - top);
        for (int64_t c = 0; c < length; c++)
            r->y[0][row * length + c] = x[c] - top - log(sum);
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]),
                  count = venn_rows_count(r->node->in[0]);
    for (int64_t row = 0; row < count; row++) {
        const double *y = r->y[0] + row * length, *dy = r->dy[0] + row * length;
        double sum = 0;
        for (int64_t c = 0; c < length; c++)
            sum += dy[c];
        for (int64_t c = 0; c < length; c++)
            r->dx[0][row * length + c] = dy[c] - exp(y[c]) * sum;
    }
}

const venn_op_desc venn_op_log_softmax = {
    .name = "log_softmax",
    .summary = "y = x - log sum e^x along the last axis",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_log_softmax(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_log_softmax, &x, 1, NULL, NULL);
}

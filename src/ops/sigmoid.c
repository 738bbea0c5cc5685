// sigmoid: y = 1 / (1 + e^-x)
//          dx = y (1 - y) dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static void record(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "sigmoid.forward");
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "sigmoid.backward");
}

static void cost(const venn_node *n, venn_cost *out)
{
    venn_unary_cost(n, out);
    out->flops *= 25; // polynomials and their range reduction
}

static bool element(const venn_node *n, venn_element *e)
{
    (void)n;
    return venn_unary_element(e, "sigmoid", "forward", NULL);
}

static bool element_backward(const venn_node *n, venn_element *e)
{
    (void)n;
    return venn_unary_element(e, "sigmoid", "backward", NULL);
}

static const venn_op_desc sigmoid_backward = {
    .name = "sigmoid.backward",
    .summary = "dx = y (1 - y) dy",
    .inputs = {{"y"}, {"dy"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = venn_unary_backward_shape,
    .record = record_backward,
    .cost = venn_unary_cost,
    .element = element_backward,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_out(n, 0), dy[0]};
    dx[0] = venn_op_apply(g, &sigmoid_backward, in, 2, NULL, NULL);
}

static void ref(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = 1.0 / (1.0 + exp(-r->x[0][i]));
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = r->y[0][i] * (1.0 - r->y[0][i]) * r->dy[0][i];
}

const venn_op_desc venn_op_sigmoid = {
    .name = "sigmoid",
    .summary = "y = 1 / (1 + e^-x)",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = venn_unary_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = element,
};

venn_tensor venn_sigmoid(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_sigmoid, &x, 1, NULL, NULL);
}

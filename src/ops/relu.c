// relu: y = max(x, 0)
//       dx = dy where x > 0, else 0
#include "ops/unary.h"
#include "venn/ops.h"

static void record(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "relu.forward");
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    venn_unary_record(r, n, "relu.backward");
}

static bool element(const venn_node *n, venn_element *e)
{
    (void)n;
    return venn_unary_element(e, "relu", "forward", NULL);
}

static bool element_backward(const venn_node *n, venn_element *e)
{
    (void)n;
    return venn_unary_element(e, "relu", "backward", NULL);
}

static const venn_op_desc relu_backward = {
    .name = "relu.backward",
    .summary = "dx = dy where x > 0, else 0",
    .inputs = {{"x"}, {"dy"}},
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
    venn_tensor in[] = {venn_in(n, 0), dy[0]};
    dx[0] = venn_op_apply(g, &relu_backward, in, 2, NULL, NULL);
}

static void ref(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = r->x[0][i] > 0 ? r->x[0][i] : 0;
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->dx[0][i] = r->x[0][i] > 0 ? r->dy[0][i] : 0;
}

const venn_op_desc venn_op_relu = {
    .name = "relu",
    .summary = "y = max(x, 0)",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = venn_unary_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_unary_cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = element,
};

venn_tensor venn_relu(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_relu, &x, 1, NULL, NULL);
}

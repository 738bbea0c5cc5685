// avg_pool2d: y = (sum of x over each window, 0 in the padding) / elements of the window
//             dx = (sum of dy over the windows that hold this element) / elements of the window
#include "ops/pool2d.h"

VENN_POOL_OP(venn_pool2d_fields, avg)

static bool plain_shape(venn_node *n)
{
    if (((const venn_pool2d_params *)n->params)->relu)
        return venn_node_error(n, "relu is a param of max_pool2d alone");
    return shape(n);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_pool p = venn_pool_of(n, venn_pool2d_fields(n));
    venn_pool2d_record(r, n, &p, "avg_pool2d.forward", n->out[0], 0, false);
}

static bool backward_shape(venn_node *n)
{
    const venn_pool *p = n->params;
    venn_node_output(n, 0, VENN_F32, p->x);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    venn_pool2d_record(r, n, n->params, "avg_pool2d.backward", n->out[0], 0, false);
}

static void backward_cost(const venn_node *n, venn_cost *cost)
{
    venn_pool_cost(n, n->params, cost);
}

static const venn_op_desc backward = {.name = "avg_pool2d.backward",
                                      .summary = "dx = mean's share of dy over the windows of x",
                                      .inputs = {{"dy"}},
                                      .n_inputs = 1,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_pool),
                                      .shape = backward_shape,
                                      .record = backward_record,
                                      .cost = backward_cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_pool p = venn_pool_of(n, venn_pool2d_fields(n));
    dx[0] = venn_op_apply(g, &backward, dy, 1, &p, NULL);
}

const venn_op_desc venn_op_avg_pool2d = {
    .name = "avg_pool2d",
    .summary = "y = mean of x [B, C, H, W] over each window, padding counted",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_pool2d_params),
    .params = venn_pool2d_param_defs,
    .shape = plain_shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_avg_pool2d(venn_graph *g, venn_tensor x, const venn_pool2d_params *params)
{
    return venn_op_apply(g, &venn_op_avg_pool2d, &x, 1, params, NULL);
}

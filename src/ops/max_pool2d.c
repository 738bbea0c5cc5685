// max_pool2d: y = max of x over each window; a second, private output holds where in the plane it was
//             dx = sum of dy over the windows that chose this element
//             with relu, y = max(y, 0) and a window with no positive element chooses none
#include <math.h>

#include "ops/pool2d.h"

enum { HEIGHT = 1, WIDTH };

static bool has_relu(const venn_node *n)
{
    return ((const venn_pool2d_params *)n->params)->relu;
}

static bool shape(venn_node *n)
{
    if (!venn_pool_shape(n, venn_pool2d_fields(n)))
        return false;
    venn_node_output(n, 1, VENN_I32, n->out[0]->shape);
    return true;
}

// Windows of 2x2 side by side, in rows of whole groups of four.
static bool are_quads(const venn_pool *p)
{
    for (int i = HEIGHT; i <= WIDTH; i++)
        if (p->kernel[i] != 2 || p->stride[i] != 2 || p->pad[i] != 0)
            return false;
    return p->in[WIDTH] % 4 == 0;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_pool p = venn_pool_of(n, venn_pool2d_fields(n));
    venn_pool2d_record(r, n, &p, "max_pool2d.forward", n->out[0], has_relu(n), are_quads(&p));
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_pool p = venn_pool_of(n, venn_pool2d_fields(n));
    venn_pool_cost(n, &p, cost);
}

static bool backward_shape(venn_node *n)
{
    const venn_pool *p = n->params;
    venn_node_output(n, 0, VENN_F32, p->x);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    const venn_pool *p = n->params;
    const bool quads = are_quads(p) && p->in[HEIGHT] % 2 == 0;
    // Neighbours in pairs have one window, if windows lie side by side and no pair spans two of them.
    const bool pairs = p->kernel[WIDTH] == p->stride[WIDTH] && p->kernel[WIDTH] % 2 == 0 &&
                       p->pad[WIDTH] == 0 && p->in[WIDTH] % 2 == 0;
    venn_pool2d_record(r, n, p, "max_pool2d.backward", quads ? n->in[0] : n->out[0],
                       pairs && !quads, quads);
}

static void backward_cost(const venn_node *n, venn_cost *cost)
{
    venn_pool_cost(n, n->params, cost);
}

static const venn_op_desc backward = {.name = "max_pool2d.backward",
                                      .summary = "dx = sum of dy over the windows that chose x",
                                      .inputs = {{"dy"}, {"index", VENN_I32}},
                                      .n_inputs = 2,
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
    const venn_tensor in[] = {dy[0], venn_out(n, 1)};
    dx[0] = venn_op_apply(g, &backward, in, 2, &p, NULL);
}

static void ref(const venn_ref *r)
{
    const venn_pool p = venn_pool_of(r->node, venn_pool2d_fields(r->node));
    venn_pool_max_ref(r, &p);
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        const bool kept = !has_relu(r->node) || r->y[0][i] > 0 || isnan(r->y[0][i]);
        r->y[0][i] = kept ? r->y[0][i] : 0;
        r->y[1][i] = kept ? (double)(venn_pool_best(r, &p, i) % venn_pool_volume(p.in)) : -1;
    }
}

static void ref_grad(const venn_ref *r)
{
    const venn_pool p = venn_pool_of(r->node, venn_pool2d_fields(r->node));
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        const int64_t best = venn_pool_best(r, &p, i);
        if (!has_relu(r->node) || r->x[0][best] > 0 || isnan(r->x[0][best]))
            r->dx[0][best] += r->dy[0][i];
    }
}

const venn_op_desc venn_op_max_pool2d = {
    .name = "max_pool2d",
    .summary = "y = max of x [B, C, H, W] over each window",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 2,
    .params_size = sizeof(venn_pool2d_params),
    .params = venn_max_pool2d_param_defs,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_max_pool2d(venn_graph *g, venn_tensor x, const venn_pool2d_params *params)
{
    return venn_op_apply(g, &venn_op_max_pool2d, &x, 1, params, NULL);
}

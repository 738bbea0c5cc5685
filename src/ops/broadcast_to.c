// broadcast_to: y = x repeated to a larger shape
//               dx = dy summed over the axes that were repeated
#include "ops/broadcast.h"
#include "ops/shape_params.h"
#include "ops/view.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    venn_shape y;
    if (!venn_shape_params_read(n, n->params, -1, &y))
        return false;
    if (!venn_broadcasts_to(&n->in[0]->shape, &y))
        return venn_node_error(n, "x does not broadcast to the shape asked for");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    venn_view view = venn_view_broadcast(&n->out[0]->shape, &x, 1);
    venn_view_record(r, n, "view.gather", &view);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_sum_to(g, dy[0], n->in[0]->shape);
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++)
        r->y[0][e] = r->x[0][venn_broadcast_index(&n->in[0]->shape, &n->out[0]->shape, e)];
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++)
        r->dx[0][venn_broadcast_index(&n->in[0]->shape, &n->out[0]->shape, e)] += r->dy[0][e];
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

static bool element(const venn_node *n, venn_element *e)
{
    (void)n;
    *e = (venn_element){.shader = "cast", .function = "forward"}; // which leaves x as it is
    return true;
}

const venn_op_desc venn_op_broadcast_to = {
    .name = "broadcast_to",
    .summary = "y = x repeated to a larger shape",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_shape_params),
    .params = venn_shape_param_defs,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .element = element,
};

venn_tensor venn_broadcast_to(venn_graph *g, venn_tensor x, venn_shape shape_wanted)
{
    venn_shape have = venn_tensor_shape(g, x);
    if (x.id != 0 && venn_shape_equal(&have, &shape_wanted))
        return x;
    venn_shape_params params = venn_shape_params_make(&shape_wanted);
    return venn_op_apply(g, &venn_op_broadcast_to, &x, 1, &params, NULL);
}

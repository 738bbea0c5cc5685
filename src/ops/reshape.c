// reshape: y = x under another shape of as many elements; no data moves
//          dx = dy under x's shape
#include <string.h>

#include "ops/shape_params.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    venn_shape y;
    char text[VENN_SHAPE_TEXT_MAX];
    if (!venn_shape_params_read(n, n->params, n->in[0]->count, &y))
        return false;
    if (venn_shape_count(&y) != n->in[0]->count)
        return venn_node_error(n, "%s has another number of elements",
                               venn_shape_text(&y, text, sizeof text));
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_reshape(g, dy[0], n->in[0]->shape);
}

static void ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[0], (size_t)r->node->out[0]->count * sizeof(double));
}

static void ref_grad(const venn_ref *r)
{
    memcpy(r->dx[0], r->dy[0], (size_t)r->node->out[0]->count * sizeof(double));
}

const venn_op_desc venn_op_reshape = {
    .name = "reshape",
    .summary = "y = x under another shape of as many elements; one extent may be -1",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_shape_params),
    .params = venn_shape_param_defs,
    .shape = shape,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .alias = true,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_reshape(venn_graph *g, venn_tensor x, venn_shape shape_wanted)
{
    venn_shape have = venn_tensor_shape(g, x);
    if (x.id != 0 && venn_shape_equal(&have, &shape_wanted))
        return x;
    venn_shape_params params = venn_shape_params_make(&shape_wanted);
    return venn_op_apply(g, &venn_op_reshape, &x, 1, &params, NULL);
}

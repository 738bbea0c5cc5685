// sum_to: y = x summed over the axes along which y's shape repeats to x's; undoes broadcasting
//         dx = dy, repeated
#include "ops/broadcast.h"
#include "ops/reduce.h"
#include "ops/shape_params.h"
#include "venn/ops.h"

// The axes of x that y, aligned at the last one, has not or has with extent 1.
static uint32_t axes_of(const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape, *y = &n->out[0]->shape;
    uint32_t axes = 0;
    for (int axis = 0; axis < x->rank; axis++) {
        int place = axis - (x->rank - y->rank);
        if (place < 0 || (y->dim[place] == 1 && x->dim[axis] != 1))
            axes |= 1u << axis;
    }
    return axes;
}

static bool shape(venn_node *n)
{
    venn_shape y;
    if (!venn_shape_params_read(n, n->params, -1, &y))
        return false;
    if (!venn_broadcasts_to(&y, &n->in[0]->shape))
        return venn_node_error(n, "the shape asked for does not broadcast to x's");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_reduce_record(r, n, VENN_FOLD_SUM, axes_of(n), 1.0f);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_reduce_workspace(profile, n, axes_of(n));
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_broadcast_to(g, dy[0], n->in[0]->shape);
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    venn_reduce_ref(VENN_FOLD_SUM, &n->in[0]->shape, &n->out[0]->shape, r->x[0], r->y[0]);
}

static void ref_grad(const venn_ref *r)
{
    venn_reduce_ref_grad(&r->node->in[0]->shape, &r->node->out[0]->shape, r->dy[0], 1.0, r->dx[0]);
}

const venn_op_desc venn_op_sum_to = {
    .name = "sum_to",
    .summary = "y = x summed over the axes along which y's shape repeats to x's",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_shape_params),
    .params = venn_shape_param_defs,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_reduce_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_sum_to(venn_graph *g, venn_tensor x, venn_shape shape_wanted)
{
    venn_shape have = venn_tensor_shape(g, x);
    if (x.id != 0 && venn_shape_equal(&have, &shape_wanted))
        return x;
    venn_shape_params params = venn_shape_params_make(&shape_wanted);
    return venn_op_apply(g, &venn_op_sum_to, &x, 1, &params, NULL);
}

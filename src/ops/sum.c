// sum: y = sum of x over the axes
//      dx = dy, repeated over the axes
#include "ops/reduce.h"
#include "venn/ops.h"

static uint32_t axes_of(const venn_node *n)
{
    const venn_reduce_params *params = n->params;
    uint32_t all = (1u << n->in[0]->shape.rank) - 1;
    return params->axes ? (uint32_t)params->axes & all : all;
}

static bool shape(venn_node *n)
{
    const venn_reduce_params *params = n->params;
    const venn_shape *x = &n->in[0]->shape;
    if ((uint32_t)params->axes >> x->rank)
        return venn_node_error(n, "axes 0x%x names an axis that x has not", (unsigned)params->axes);
    venn_shape y = {0};
    for (int axis = 0; axis < x->rank; axis++) {
        bool summed = axes_of(n) >> axis & 1;
        if (!summed || params->keepdims)
            y.dim[y.rank++] = summed ? 1 : x->dim[axis];
    }
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_reduce_record(r, n, axes_of(n), 1.0f);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_reduce_workspace(profile, n, axes_of(n));
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor kept = venn_reshape(g, dy[0], venn_reduce_kept(&n->in[0]->shape, axes_of(n)));
    dx[0] = venn_broadcast_to(g, kept, n->in[0]->shape);
}

static void ref(const venn_ref *r)
{
    const venn_shape kept = venn_reduce_kept(&r->node->in[0]->shape, axes_of(r->node));
    venn_reduce_ref(&r->node->in[0]->shape, &kept, r->x[0], r->y[0]);
}

static void ref_grad(const venn_ref *r)
{
    const venn_shape kept = venn_reduce_kept(&r->node->in[0]->shape, axes_of(r->node));
    venn_reduce_ref_grad(&r->node->in[0]->shape, &kept, r->dy[0], 1.0, r->dx[0]);
}

static const venn_param_def params[] = {{"axes", VENN_PARAM_INT, offsetof(venn_reduce_params, axes),
                                         1, NULL, "bit i: sum over axis i; 0: over all"},
                                        {"keepdims", VENN_PARAM_BOOL,
                                         offsetof(venn_reduce_params, keepdims), 1, NULL,
                                         "leave the axes as extents of 1; 0: drop them"},
                                        {0}};

const venn_op_desc venn_op_sum = {
    .name = "sum",
    .summary = "y = sum of x over the axes",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_reduce_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_reduce_cost,
};

venn_tensor venn_sum(venn_graph *g, venn_tensor x, const venn_reduce_params *reduce)
{
    return venn_op_apply(g, &venn_op_sum, &x, 1, reduce, NULL);
}

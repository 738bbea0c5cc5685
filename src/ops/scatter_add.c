// scatter_add: y = x, and then y[o, index[o, j, i], i] += source[o, j, i] along one axis
//              dx = dy, dsource[o, j, i] = dy[o, index[o, j, i], i]
#include "ops/indexed.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    return venn_indexed_add_shape(n, VENN_INDEX_ELEMENTS);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_indexed ix = venn_indexed_of(n, VENN_INDEX_ELEMENTS);
    venn_indexed_add_record(r, n, &ix, n->in[0], n->in[1], n->in[2]);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_indexed ix = venn_indexed_of(n, VENN_INDEX_ELEMENTS);
    return venn_indexed_add_workspace(profile, &ix);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const int axis = ((const venn_indexed_params *)n->params)->axis;
    dx[0] = dy[0];
    if (need >> 2 & 1)
        dx[2] = venn_gather(g, dy[0], venn_in(n, 1), axis);
}

static void ref(const venn_ref *r)
{
    venn_indexed_add_ref(r, VENN_INDEX_ELEMENTS);
}

static void ref_grad(const venn_ref *r)
{
    venn_indexed_add_ref_grad(r, VENN_INDEX_ELEMENTS);
}

const venn_op_desc venn_op_scatter_add = {
    .name = "scatter_add",
    .summary = "y = x; y[o, index[o, j, i], i] += source[o, j, i] along one axis",
    .inputs = {{"x"}, {"index", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD}, {"source"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_indexed_params),
    .params = venn_indexed_param_defs,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_indexed_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_scatter_add(venn_graph *g, venn_tensor x, venn_tensor index, venn_tensor source,
                             int axis)
{
    venn_indexed_params p = {axis};
    return venn_op_apply(g, &venn_op_scatter_add, (venn_tensor[]){x, index, source}, 3, &p, NULL);
}

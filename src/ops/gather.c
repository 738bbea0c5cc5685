// gather: y[o, j, i] = x[o, index[o, j, i], i] along one axis, 0 where the index is out of range
//         dx[o, a, i] = sum of dy[o, j, i] over the j with index[o, j, i] = a
#include "ops/indexed.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    return venn_indexed_shape(n, VENN_INDEX_ELEMENTS);
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_indexed_record(r, n, VENN_INDEX_ELEMENTS);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_indexed_gradient(g, n, VENN_INDEX_ELEMENTS, dy, dx);
}

static void ref(const venn_ref *r)
{
    venn_indexed_ref(r, VENN_INDEX_ELEMENTS);
}

static void ref_grad(const venn_ref *r)
{
    venn_indexed_ref_grad(r, VENN_INDEX_ELEMENTS);
}

const venn_op_desc venn_op_gather = {
    .name = "gather",
    .summary = "y[o, j, i] = x[o, index[o, j, i], i] along one axis",
    .inputs = {{"x"}, {"index", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_indexed_params),
    .params = venn_indexed_param_defs,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_indexed_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gather(venn_graph *g, venn_tensor x, venn_tensor index, int axis)
{
    venn_indexed_params p = {axis};
    return venn_op_apply(g, &venn_op_gather, (venn_tensor[]){x, index}, 2, &p, NULL);
}

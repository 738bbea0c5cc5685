// embedding: y[.., d] = table[index[..], d], 0 where the index is out of range or the padding
//            dtable[v, d] = sum of dy[.., d] over the places with index[..] = v
#include "ops/indexed.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    const venn_indexed_params *p = n->params;
    if (n->in[0]->shape.rank != 2)
        return venn_node_error(n, "table must be [V, D]");
    if (p->has_skip && (p->skip < 0 || p->skip >= n->in[0]->shape.dim[0]))
        return venn_node_error(n, "padding %d is no row of the table", (int)p->skip);
    return venn_indexed_shape(n, VENN_INDEX_ROWS);
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_indexed_record(r, n, VENN_INDEX_ROWS);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_indexed_gradient(g, n, VENN_INDEX_ROWS, dy, dx);
}

static void ref(const venn_ref *r)
{
    venn_indexed_ref(r, VENN_INDEX_ROWS);
}

static void ref_grad(const venn_ref *r)
{
    venn_indexed_ref_grad(r, VENN_INDEX_ROWS);
}

static const venn_param_def params[] = {
    {"has_padding", VENN_PARAM_BOOL, offsetof(venn_indexed_params, has_skip),
     .doc = "one index reads 0"},
    {"padding", VENN_PARAM_INT, offsetof(venn_indexed_params, skip), .doc = "which one"},
    {0}};

const venn_op_desc venn_op_embedding = {
    .name = "embedding",
    .summary = "y[.., d] = table[index[..], d]",
    .inputs = {{"table"}, {"index", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_indexed_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_indexed_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_embedding(venn_graph *g, venn_tensor table, venn_tensor index,
                           const venn_embedding_params *p)
{
    venn_indexed_params own = {0};
    if (p)
        own = (venn_indexed_params){.has_skip = p->has_padding, .skip = p->padding};
    return venn_op_apply(g, &venn_op_embedding, (venn_tensor[]){table, index}, 2, &own, NULL);
}

// fill: y = value at every element; no operands, no gradient
#include "ops/shape_params.h"
#include "venn/ops.h"

typedef struct fill_params {
    venn_shape_params shape;
    float value;
} fill_params;

static bool shape(venn_node *n)
{
    const fill_params *p = n->params;
    venn_shape y;
    if (!venn_shape_params_read(n, &p->shape, -1, &y))
        return false;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const fill_params *p = n->params;
    venn_record_fill_value(r, n->out[0], p->value);
}

static void ref(const venn_ref *r)
{
    const fill_params *p = r->node->params;
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = p->value;
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = 4.0 * (double)n->out[0]->count;
}

static const venn_param_def params[] = {
    VENN_SHAPE_PARAM_ROWS(fill_params),
    {"value", VENN_PARAM_FLOAT, offsetof(fill_params, value), 1, NULL, "of every element; 0: zero"},
    {0}};

const venn_op_desc venn_op_fill = {
    .name = "fill",
    .summary = "y = value at every element",
    .n_outputs = 1,
    .params_size = sizeof(fill_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
};

venn_tensor venn_fill(venn_graph *g, venn_shape wanted, float value)
{
    fill_params p = {.shape = venn_shape_params_make(&wanted), .value = value};
    return venn_op_apply(g, &venn_op_fill, NULL, 0, &p, NULL);
}

// random_uniform: y = low + (high - low) u, u ~ U[0, 1) for each element
//                 no operands, no gradient
#include "ops/random_draw.h"
#include "venn/ops.h"

static const venn_param_def params[] = {
    VENN_SHAPE_PARAM_ROWS(venn_random_params),
    {"low", VENN_PARAM_FLOAT, offsetof(venn_random_params, a), 1, NULL, "the least value; 0: 0"},
    {"high", VENN_PARAM_FLOAT, offsetof(venn_random_params, b), 1, NULL,
     "just above the greatest; 0: 0"},
    {0}};

static bool shape(venn_node *n)
{
    const venn_random_params *p = n->params;
    if (!(p->b - p->a >= 0))
        return venn_node_error(n, "low = %g is above high = %g", (double)p->a, (double)p->b);
    return venn_random_shape(n);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_random_params *p = n->params;
    venn_random_record(r, n, "random.uniform", 0, p->a, p->b - p->a, NULL);
}

static void ref(const venn_ref *r)
{
    const venn_random_params *p = r->node->params;
    venn_rng rng = venn_random_ref(r, 0);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = (double)venn_rng_uniform(&rng, p->a, p->b);
}

const venn_op_desc venn_op_random_uniform = {
    .name = "random_uniform",
    .summary = "y ~ U[low, high)",
    .inputs = {{"rng", VENN_I32, VENN_RNG, VENN_IN_NO_GRAD}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_random_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = venn_random_cost,
};

venn_tensor venn_random_uniform(venn_graph *g, venn_shape wanted, float low, float high)
{
    venn_random_params p = {venn_shape_params_make(&wanted), low, high};
    venn_tensor rng = venn_graph_rng(g);
    return venn_op_apply(g, &venn_op_random_uniform, &rng, 1, &p, NULL);
}

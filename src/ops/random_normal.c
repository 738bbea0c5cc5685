// random_normal: y = mean + std z, z ~ N(0, 1) for each element by Box-Muller
//                no operands, no gradient
#include "ops/random_draw.h"
#include "venn/ops.h"

static const venn_param_def params[] = {
    VENN_SHAPE_PARAM_ROWS(venn_random_params),
    {"mean", VENN_PARAM_FLOAT, offsetof(venn_random_params, a), 1, NULL, "of every element; 0: 0"},
    {"std", VENN_PARAM_FLOAT, offsetof(venn_random_params, b), 1, NULL,
     "standard deviation, at least 0; 0: 0"},
    {0}};

static bool shape(venn_node *n)
{
    const float std = ((const venn_random_params *)n->params)->b;
    if (!(std >= 0))
        return venn_node_error(n, "std = %g is below 0", (double)std);
    return venn_random_shape(n);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_random_params *p = n->params;
    venn_random_record(r, n, "random.normal", 0, p->a, p->b, NULL);
}

static void ref(const venn_ref *r)
{
    const venn_random_params *p = r->node->params;
    venn_rng rng = venn_random_ref(r, 0);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = (double)p->a + (double)p->b * (double)venn_rng_normal(&rng);
}

const venn_op_desc venn_op_random_normal = {
    .name = "random_normal",
    .summary = "y ~ N(mean, std^2)",
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

venn_tensor venn_random_normal(venn_graph *g, venn_shape wanted, float mean, float std)
{
    venn_random_params p = {venn_shape_params_make(&wanted), mean, std};
    venn_tensor rng = venn_graph_rng(g);
    return venn_op_apply(g, &venn_op_random_normal, &rng, 1, &p, NULL);
}

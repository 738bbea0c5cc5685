// random_bernoulli: y = 1 where u < p, else 0, u ~ U[0, 1) for each element
//                   no operands, no gradient
#include "ops/random_draw.h"
#include "venn/ops.h"

static const venn_param_def params[] = {VENN_SHAPE_PARAM_ROWS(venn_random_params),
                                        {"p", VENN_PARAM_FLOAT, offsetof(venn_random_params, a), 1,
                                         NULL, "probability of a one, in [0, 1]; 0: never"},
                                        {0}};

static bool shape(venn_node *n)
{
    const float p = ((const venn_random_params *)n->params)->a;
    if (!(p >= 0 && p <= 1))
        return venn_node_error(n, "p = %g is not in [0, 1]", (double)p);
    return venn_random_shape(n);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_random_params *p = n->params;
    venn_random_record(r, n, "random.bernoulli", 0, p->a, 0, NULL);
}

static void ref(const venn_ref *r)
{
    venn_rng rng = venn_random_ref(r, 0);
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = venn_rng_bernoulli(&rng, ((const venn_random_params *)r->node->params)->a);
}

const venn_op_desc venn_op_random_bernoulli = {
    .name = "random_bernoulli",
    .summary = "y = 1 with probability p, else 0",
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

venn_tensor venn_random_bernoulli(venn_graph *g, venn_shape wanted, float p)
{
    venn_random_params params_of = {.shape = venn_shape_params_make(&wanted), .a = p};
    venn_tensor rng = venn_graph_rng(g);
    return venn_op_apply(g, &venn_op_random_bernoulli, &rng, 1, &params_of, NULL);
}

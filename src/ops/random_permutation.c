// random_permutation: y = the places of n random words in ascending order: a permutation of 0 .. n - 1
//                     no operands, no gradient
#include <stdlib.h>

#include "ops/random_draw.h"
#include "ops/sorting.h"
#include "venn/ops.h"

typedef struct permutation_params {
    int32_t n;
} permutation_params;

static const venn_param_def params[] = {
    {"n", VENN_PARAM_INT, offsetof(permutation_params, n), 1, NULL, "how many; 0: none"}, {0}};

static bool shape(venn_node *n)
{
    const int32_t count = ((const permutation_params *)n->params)->n;
    if (count < 0)
        return venn_node_error(n, "n = %d is below 0", (int)count);
    venn_node_output(n, 0, VENN_I32, VENN_SHAPE(count));
    return venn_random_state_fits(n, 0);
}

static venn_sorting sorting_of(const venn_node *n)
{
    const int64_t count = n->out[0]->count;
    return (venn_sorting){.outer = 1, .length = count, .inner = 1, .keep = count};
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    const venn_sorting s = sorting_of(n);
    return venn_sorting_workspace(&s);
}

// The words go where the result will be.
static void record(venn_recorder *r, const venn_node *n)
{
    const venn_sorting s = sorting_of(n);
    venn_random_record(r, n, "random.words", 0, 0, 0, NULL);
    venn_sorting_record(r, n, &s, n->out[0], NULL, n->out[0]);
}

static void ref(const venn_ref *r)
{
    const int64_t count = r->node->out[0]->count;
    venn_rng rng = venn_random_ref(r, 0);
    uint32_t *order = calloc((size_t)count + 1, sizeof *order);
    if (order && venn_rng_order(&rng, order, (uint32_t)count))
        for (int64_t i = 0; i < count; i++)
            r->y[0][i] = order[i];
    free(order);
}

const venn_op_desc venn_op_random_permutation = {
    .name = "random_permutation",
    .summary = "y = a permutation of 0 .. n - 1, every one equally likely",
    .inputs = {{"rng", VENN_I32, VENN_RNG, VENN_IN_NO_GRAD}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(permutation_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .ref = ref,
    .cost = venn_random_cost,
};

venn_tensor venn_random_permutation(venn_graph *g, int n)
{
    permutation_params p = {n};
    venn_tensor rng = venn_graph_rng(g);
    return venn_op_apply(g, &venn_op_random_permutation, &rng, 1, &p, NULL);
}

// argsort: y[.., p, ..] = the place on the axis of the element that is number p in order
//          not differentiable
#include "ops/sorting.h"
#include "venn/ops.h"

static const venn_param_def params[] = {
    {"axis", VENN_PARAM_INT, offsetof(venn_sorting_params, axis), 1, NULL,
     "the axis to sort along; negative: from the last"},
    {"descending", VENN_PARAM_BOOL, offsetof(venn_sorting_params, descending), 1, NULL,
     "greatest first; 0: least first"},
    {0}};

static bool shape(venn_node *n)
{
    if (!venn_sorting_read(n, true))
        return false;
    venn_node_output(n, 0, VENN_I32, n->in[0]->shape);
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    const venn_sorting s = venn_sorting_of(n, true);
    return venn_sorting_workspace(&s);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_sorting s = venn_sorting_of(n, true);
    venn_sorting_record(r, n, &s, n->in[0], NULL, n->out[0]);
}

static void ref(const venn_ref *r)
{
    const venn_sorting s = venn_sorting_of(r->node, true);
    venn_sorting_ref(&s, r->x[0], NULL, r->y[0]);
}

const venn_op_desc venn_op_argsort = {
    .name = "argsort",
    .summary = "y = the places along one axis in the order of x",
    .inputs = {{"x", VENN_F32, VENN_TIED}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_sorting_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .ref = ref,
    .cost = venn_sorting_cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_argsort(venn_graph *g, venn_tensor x, int axis, bool descending)
{
    venn_sorting_params p = {.axis = axis, .descending = descending};
    return venn_op_apply(g, &venn_op_argsort, &x, 1, &p, NULL);
}

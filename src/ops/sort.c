// sort: y = x in order along one axis; index: where on the axis each element was
//       dx = dy, each element where it came from
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
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    venn_node_output(n, 1, VENN_I32, n->in[0]->shape);
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
    venn_sorting_record(r, n, &s, n->in[0], n->out[0], n->out[1]);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_sorting s = venn_sorting_of(n, true);
    dx[0] = venn_sorting_backward(g, &s, n->in[0]->shape, dy[0], venn_out(n, 1));
}

static void ref(const venn_ref *r)
{
    const venn_sorting s = venn_sorting_of(r->node, true);
    venn_sorting_ref(&s, r->x[0], r->y[0], r->y[1]);
}

static void ref_grad(const venn_ref *r)
{
    const venn_sorting s = venn_sorting_of(r->node, true);
    venn_sorting_ref_grad(&s, r);
}

const venn_op_desc venn_op_sort = {
    .name = "sort",
    .summary = "y = x in order along one axis, and where each element was",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 2,
    .params_size = sizeof(venn_sorting_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = venn_sorting_cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_sort(venn_graph *g, venn_tensor x, int axis, bool descending, venn_tensor *index)
{
    venn_sorting_params p = {.axis = axis, .descending = descending};
    venn_tensor out[2];
    venn_op_apply(g, &venn_op_sort, &x, 1, &p, out);
    if (index)
        *index = out[1];
    return out[0];
}

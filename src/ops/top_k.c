// top_k: y = the k greatest (or least) elements along one axis, in order; index: where each was
//        dx = dy, each element where it came from, else 0
#include "ops/sorting.h"
#include "venn/ops.h"

static const venn_param_def params[] = {
    {"axis", VENN_PARAM_INT, offsetof(venn_sorting_params, axis), 1, NULL,
     "the axis to choose along; negative: from the last"},
    {"k", VENN_PARAM_INT, offsetof(venn_sorting_params, k), 1, NULL, "how many; 0: 1"},
    {"smallest", VENN_PARAM_BOOL, offsetof(venn_sorting_params, descending), 1, NULL,
     "the least, least first; 0: the greatest, greatest first"},
    {0}};

// The parameter says the opposite of the order.
static venn_sorting sorting_of(const venn_node *n)
{
    venn_sorting s = venn_sorting_of(n, false);
    s.descending = !s.descending;
    return s;
}

static bool shape(venn_node *n)
{
    if (!venn_sorting_read(n, false))
        return false;
    const int axis = ((const venn_sorting_params *)n->params)->axis;
    venn_shape y = n->in[0]->shape;
    y.dim[axis < 0 ? axis + y.rank : axis] = sorting_of(n).keep;
    venn_node_output(n, 0, VENN_F32, y);
    venn_node_output(n, 1, VENN_I32, y);
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    const venn_sorting s = sorting_of(n);
    return venn_sorting_workspace(&s);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_sorting s = sorting_of(n);
    venn_sorting_record(r, n, &s, n->in[0], n->out[0], n->out[1]);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_sorting s = sorting_of(n);
    dx[0] = venn_sorting_backward(g, &s, n->in[0]->shape, dy[0], venn_out(n, 1));
}

static void ref(const venn_ref *r)
{
    const venn_sorting s = sorting_of(r->node);
    venn_sorting_ref(&s, r->x[0], r->y[0], r->y[1]);
}

static void ref_grad(const venn_ref *r)
{
    const venn_sorting s = sorting_of(r->node);
    venn_sorting_ref_grad(&s, r);
}

const venn_op_desc venn_op_top_k = {
    .name = "top_k",
    .summary = "y = the k greatest or least along one axis, and where each was",
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

venn_tensor venn_top_k(venn_graph *g, venn_tensor x, int axis, int k, bool smallest,
                       venn_tensor *index)
{
    venn_sorting_params p = {.axis = axis, .k = k, .descending = smallest};
    venn_tensor out[2];
    venn_op_apply(g, &venn_op_top_k, &x, 1, &p, out);
    if (index)
        *index = out[1];
    return out[0];
}

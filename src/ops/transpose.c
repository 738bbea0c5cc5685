// transpose: axis i of y is axis perm[i] of x
//            dx = dy with the inverse permutation
#define VENN_HOST
#include "ops/divisor.h"
#include "ops/view.h"
#include "transpose.comp"
#include "venn/ops.h"

// The permutation in full: all zero stands for a swap of the last two axes.
static void permutation(const venn_node *n, int *perm)
{
    const venn_transpose_params *params = n->params;
    const int rank = n->in[0]->shape.rank;
    bool given = false;
    for (int i = 0; i < rank; i++) {
        perm[i] = params->perm[i];
        given |= params->perm[i] != 0;
    }
    for (int i = 0; i < rank && !given; i++)
        perm[i] = rank < 2 || i < rank - 2 ? i : 2 * rank - 3 - i;
}

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    int perm[VENN_MAX_RANK];
    uint32_t seen = 0;
    permutation(n, perm);
    venn_shape y = {.rank = x->rank};
    for (int i = 0; i < x->rank; i++) {
        if (perm[i] < 0 || perm[i] >= x->rank || (seen >> perm[i] & 1))
            return venn_node_error(n, "perm is no permutation of x's axes");
        seen |= 1u << perm[i];
        y.dim[i] = x->dim[perm[i]];
    }
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static venn_view make_view(const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    int perm[VENN_MAX_RANK];
    permutation(n, perm);
    int64_t stride[VENN_MAX_RANK] = {0}, run = 1;
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        stride[axis] = run;
        run *= x->dim[axis];
    }
    venn_view view = {.rank = x->rank, .operands = 1};
    for (int i = 0; i < x->rank; i++) {
        view.dim[i] = x->dim[perm[i]];
        view.stride[0][i] = stride[perm[i]];
    }
    return view;
}

// A swap of two axes whose extents are multiples of 4, behind axes that stay.
static bool is_square(const venn_view *v)
{
    if (v->rank < 2 || v->rank > 3)
        return false;
    const int64_t *dim = &v->dim[v->rank - 2], *stride = &v->stride[0][v->rank - 2];
    return dim[0] % 4 == 0 && dim[1] % 4 == 0 && stride[0] == 1 && stride[1] == dim[0] &&
           (v->rank == 2 || v->stride[0][0] == dim[0] * dim[1]);
}

static void record_square(venn_recorder *r, const venn_node *n, const venn_view *v)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const int64_t cols = v->dim[v->rank - 2] / 4, rows = v->dim[v->rank - 1] / 4;
    const int64_t squares = n->out[0]->count / 16;
    venn_push_transpose push = {
        .squares = (uint32_t)squares, .rows = (uint32_t)rows, .cols = (uint32_t)cols};
    venn_divisor(cols, push.divisor);
    venn_divisor(rows, push.divisor + 3);
    venn_dispatch d = {.kernel =
                           profile->texel_loads ? "transpose.square.texel" : "transpose.square",
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2};
    venn_groups_linear(r, squares, profile->elementwise_group, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    if (n->out[0]->count == 0)
        return;
    venn_view view = make_view(n);
    venn_view_merge(&view);
    if (is_square(&view))
        record_square(r, n, &view);
    else
        venn_view_gather(r, n, &view);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    int perm[VENN_MAX_RANK];
    venn_transpose_params inverse = {{0}};
    permutation(n, perm);
    for (int i = 0; i < n->in[0]->shape.rank; i++)
        inverse.perm[perm[i]] = i;
    dx[0] = venn_transpose(g, dy[0], &inverse);
}

// The element of x that is element e of y.
static int64_t source(const venn_node *n, int64_t e)
{
    const venn_view view = make_view(n);
    int64_t index = 0;
    for (int axis = view.rank - 1; axis >= 0; axis--) {
        index += e % view.dim[axis] * view.stride[0][axis];
        e /= view.dim[axis];
    }
    return index;
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = r->x[0][source(r->node, e)];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->dx[0][source(r->node, e)] = r->dy[0][e];
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = 8.0 * (double)n->out[0]->count;
}

static const venn_param_def params[] = {
    {"perm", VENN_PARAM_INTS, offsetof(venn_transpose_params, perm), VENN_MAX_RANK, NULL,
     "y's axis i is x's axis perm[i]; all 0: swap the last two axes"},
    {0}};

const venn_op_desc venn_op_transpose = {
    .name = "transpose",
    .summary = "y's axis i is x's axis perm[i]",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_transpose_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_transpose(venn_graph *g, venn_tensor x, const venn_transpose_params *transpose)
{
    return venn_op_apply(g, &venn_op_transpose, &x, 1, transpose, NULL);
}

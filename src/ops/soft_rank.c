// soft_rank: y = projection of x / strength on the permutahedron, the hull of all permutations of 1 .. n
//            dx = (dy - its mean over the block that x was pooled with) / strength
// Two private outputs keep the order of each row and where the block of each element begins.
#include "ops/permutahedron.h"
#include "ops/rows.h"
#include "ops/sorting.h"
#include "venn/ops.h"

#define VENN_HOST
#include "soft_rank.comp"

static const venn_param_def params[] = {
    {"strength", VENN_PARAM_FLOAT, offsetof(venn_soft_rank_params, strength), 1, NULL,
     "of the regularisation: towards 0 the ranks become hard ones; 0: 1"},
    {"centred", VENN_PARAM_BOOL, offsetof(venn_soft_rank_params, centred), 1, NULL,
     "subtract the mean of all ranks, (n + 1) / 2; 0: no"},
    {0}};

static float strength_of(const venn_node *n)
{
    const float strength = ((const venn_soft_rank_params *)n->params)->strength;
    return strength == 0 ? 1 : strength;
}

static double shift_of(const venn_node *n)
{
    const bool centred = ((const venn_soft_rank_params *)n->params)->centred;
    return centred ? (double)(venn_rows_length(n->in[0]) + 1) / 2 : 0;
}

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    if (!(strength_of(n) > 0))
        return venn_node_error(n, "strength = %g is not positive", (double)strength_of(n));
    if (x->rank == 0 || venn_rows_length(n->in[0]) > VENN_SOFT_RANK_MAX)
        return venn_node_error(n, "x must be [.., n] with n at most %d", VENN_SOFT_RANK_MAX);
    venn_node_output(n, 0, VENN_F32, *x);
    venn_node_output(n, 1, VENN_I32, *x);
    venn_node_output(n, 2, VENN_I32, *x);
    return true;
}

static venn_sorting sorting_of(const venn_node *n)
{
    const int64_t length = venn_rows_length(n->in[0]);
    return (venn_sorting){.outer = venn_rows_count(n->in[0]),
                          .length = length,
                          .inner = 1,
                          .keep = length,
                          .descending = true};
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    const venn_sorting s = sorting_of(n);
    return venn_sorting_workspace(&s) + 2 * sizeof(float) * (uint64_t)n->in[0]->count;
}

// An invocation per row, which goes over it `passes` times.
static void launch(venn_recorder *r, const venn_node *n, const char *kernel, venn_dispatch *d,
                   venn_push_soft_rank push, uint64_t passes)
{
    enum { GROUP = 64 };
    const venn_value *x = n->in[0];
    push.rows = (uint32_t)venn_rows_count(x);
    push.length = (uint32_t)venn_rows_length(x);
    d->kernel = kernel;
    d->spec[0] = GROUP;
    d->n_spec = 1;
    d->push = &push;
    d->push_size = sizeof push;
    d->trips = passes * push.length;
    venn_groups_linear(r, push.rows, GROUP, d->groups);
    venn_record_dispatch(r, d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    // Elements pushed, merged at most once, blocks, results.
    enum { PASSES = 4 };
    const venn_sorting s = sorting_of(n);
    const venn_order order = venn_sorting_order(&s);
    const venn_ordered sorted = venn_order_record(r, n, &order, n->in[0]);
    const bool texel = venn_recorder_profile(r)->texel_loads;
    venn_dispatch d = {.bind = {{n->in[0], VENN_READ},
                                {n->workspace, VENN_READ},
                                {n->workspace, VENN_UPDATE},
                                {n->out[0], VENN_WRITE},
                                {n->out[1], VENN_WRITE},
                                {n->out[2], VENN_WRITE}},
                       .n_bind = 6};
    launch(r, n, texel ? "soft_rank.forward.texel" : "soft_rank.forward", &d,
           (venn_push_soft_rank){
               .places = sorted.places,
               .stack = (uint32_t)(venn_sorting_workspace(&s) / sizeof(float)),
               .inverse = 1 / strength_of(n),
               .shift = (float)shift_of(n),
           },
           PASSES);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 8.0 * (double)n->in[0]->count;
    cost->bytes = 16.0 * (double)n->in[0]->count;
}

// ---- The gradient ------------------------------------------------------------------------------

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    enum { PASSES = 3 }; // blocks, sums, results
    const bool texel = venn_recorder_profile(r)->texel_loads;
    venn_dispatch d = {.bind = {{n->in[0], VENN_READ},
                                {n->in[1], VENN_READ},
                                {n->in[2], VENN_READ},
                                {n->out[0], VENN_WRITE}},
                       .n_bind = 4};
    launch(r, n, texel ? "soft_rank.backward.texel" : "soft_rank.backward", &d,
           (venn_push_soft_rank){.inverse = 1 / strength_of(n)}, PASSES);
}

static const venn_op_desc backward = {
    .name = "soft_rank.backward",
    .summary = "dx = (dy - its mean over the block) / strength",
    .inputs = {{"dy"}, {"order", VENN_I32}, {"block", VENN_I32}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_soft_rank_params),
    .params = params,
    .shape = backward_shape,
    .record = backward_record,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const venn_tensor in[] = {dy[0], venn_out(n, 1), venn_out(n, 2)};
    dx[0] = venn_op_apply(g, &backward, in, 3, n->params, NULL);
}

// ---- References --------------------------------------------------------------------------------

static void ref(const venn_ref *r)
{
    const int64_t rows = venn_rows_count(r->node->in[0]), n = venn_rows_length(r->node->in[0]);
    venn_soft_ranks s;
    if (!venn_soft_ranks_init(&s, n, strength_of(r->node)))
        return;
    for (int64_t row = 0; row < rows; row++) {
        venn_soft_ranks_compute(&s, r->x[0] + row * n);
        for (int64_t i = 0; i < n; i++) {
            r->y[0][row * n + i] = s.rank[i] - shift_of(r->node);
            r->y[1][row * n + i] = (double)s.order[i];
            r->y[2][row * n + i] = (double)s.block[i];
        }
    }
    venn_soft_ranks_finish(&s);
}

static void ref_grad(const venn_ref *r)
{
    const int64_t rows = venn_rows_count(r->node->in[0]), n = venn_rows_length(r->node->in[0]);
    venn_soft_ranks s;
    if (!venn_soft_ranks_init(&s, n, strength_of(r->node)))
        return;
    for (int64_t row = 0; row < rows; row++) {
        venn_soft_ranks_compute(&s, r->x[0] + row * n);
        venn_soft_ranks_gradient(&s, r->dy[0] + row * n, r->dx[0] + row * n);
    }
    venn_soft_ranks_finish(&s);
}

const venn_op_desc venn_op_soft_rank = {
    .name = "soft_rank",
    .summary = "y = differentiable ranks along the last axis, from 1 on",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 3,
    .params_size = sizeof(venn_soft_rank_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_soft_rank(venn_graph *g, venn_tensor x, const venn_soft_rank_params *p)
{
    return venn_op_apply(g, &venn_op_soft_rank, &x, 1, p, NULL);
}

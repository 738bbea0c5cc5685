// rank: y = 1 + how many elements along one axis stand before x's, with a rule for equal ones
//       not differentiable (soft_rank is)
#include "ops/divisor.h"
#include "ops/sorting.h"
#include "venn/ops.h"

#define VENN_HOST
#include "rank.comp"

_Static_assert(VENN_RANK_ORDINAL == RANK_ORDINAL, "the kernel's numbers");

static const char *const ties[] = {"average", "least", "greatest", "ordinal", NULL};

static const venn_param_def params[] = {
    {"axis", VENN_PARAM_INT, offsetof(venn_sorting_params, axis), 1, NULL,
     "the axis to rank along; negative: from the last"},
    {"descending", VENN_PARAM_BOOL, offsetof(venn_sorting_params, descending), 1, NULL,
     "rank 1 is the greatest; 0: the least"},
    {"ties", VENN_PARAM_ENUM, offsetof(venn_sorting_params, ties), 1, ties,
     "ranks of equal elements: their average (default), the least or greatest, or by place"},
    {0}};

static bool shape(venn_node *n)
{
    if (!venn_sorting_read(n, true))
        return false;
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
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
    enum { BITS = 32, SEARCHES = 3, EACH = 4 };
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_sorting s = venn_sorting_of(n, true);
    const venn_order order = venn_sorting_order(&s);
    const venn_ordered sorted = venn_order_record(r, n, &order, n->in[0]);
    venn_push_rank push = {.count = (uint32_t)n->in[0]->count,
                           .length = (uint32_t)s.length,
                           .inner = (uint32_t)s.inner,
                           .keys = sorted.keys,
                           .places = sorted.places,
                           .flip = s.descending ? UINT32_MAX : 0};
    venn_divisor(s.inner, push.divisor);
    venn_divisor(s.length, push.divisor + 3);
    venn_dispatch d = {
        .kernel = profile->texel_loads ? "rank.forward.texel" : "rank.forward",
        .spec = {profile->elementwise_group,
                 (uint32_t)((const venn_sorting_params *)n->params)->ties},
        .n_spec = 2,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{n->in[0], VENN_READ}, {n->workspace, VENN_READ}, {n->out[0], VENN_WRITE}},
        .n_bind = 3,
        .trips = EACH * (1 + SEARCHES * BITS)};
    venn_groups_linear(r, n->in[0]->count, (int64_t)profile->elementwise_group * EACH, d.groups);
    venn_record_dispatch(r, &d);
}

static double rank_of(const venn_sorting *s, const double *x, int64_t row, int64_t place, int tie)
{
    const double mine = x[venn_sorting_x(s, row, place)];
    int64_t before = 0, equal = 0, equal_before = 0;
    for (int64_t i = 0; i < s->length; i++) {
        const double other = x[venn_sorting_x(s, row, i)];
        before += s->descending ? other > mine : other < mine;
        equal += other == mine;
        equal_before += other == mine && i < place;
    }
    switch (tie) {
    case VENN_RANK_LEAST:
        return (double)before + 1;
    case VENN_RANK_GREATEST:
        return (double)(before + equal);
    case VENN_RANK_ORDINAL:
        return (double)(before + equal_before) + 1;
    default:
        return (double)before + (double)(equal + 1) / 2;
    }
}

static void ref(const venn_ref *r)
{
    const venn_sorting s = venn_sorting_of(r->node, true);
    const int tie = ((const venn_sorting_params *)r->node->params)->ties;
    for (int64_t row = 0; row < s.outer * s.inner; row++)
        for (int64_t i = 0; i < s.length; i++)
            r->y[0][venn_sorting_x(&s, row, i)] = rank_of(&s, r->x[0], row, i, tie);
}

const venn_op_desc venn_op_rank = {
    .name = "rank",
    .summary = "y = rank of each element along one axis, from 1 on",
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

venn_tensor venn_rank(venn_graph *g, venn_tensor x, int axis, bool descending, venn_rank_ties tie)
{
    venn_sorting_params p = {.axis = axis, .descending = descending, .ties = (int32_t)tie};
    return venn_op_apply(g, &venn_op_rank, &x, 1, &p, NULL);
}

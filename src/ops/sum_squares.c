// sum_squares: y = acc + sum over every x and its elements of x^2 (acc: 0 if absent)
//              Sums run in a fixed order. For norms of gradients; not differentiable.
#include <stdio.h>

#include "graph/op.h"
#include "venn/ops.h"

#define VENN_HOST
#include "sum_squares.comp"

// Groups of four that one invocation of stage one should sum, and the most invocations for one x.
#define GROUPS_EACH 16
#define MAX_PARTIALS 8192

static uint32_t groups_of(const venn_value *x)
{
    return (uint32_t)((x->count + 3) / 4);
}

static uint32_t partials_of(const venn_value *x)
{
    uint32_t partials = (groups_of(x) + GROUPS_EACH - 1) / GROUPS_EACH;
    return partials < MAX_PARTIALS ? partials : MAX_PARTIALS;
}

static bool shape(venn_node *n)
{
    if (n->in[0] && n->in[0]->count != 1)
        return venn_node_error(n, "acc must be a scalar");
    venn_node_output(n, 0, VENN_F32, VENN_SCALAR);
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    uint64_t partials = 1; // never empty
    for (int i = 1; i < n->n_in; i++)
        partials += partials_of(n->in[i]);
    return partials * 16;
}

static void record_partial(venn_recorder *r, const venn_node *n, int i, uint32_t first)
{
    const venn_profile *profile = venn_recorder_profile(r);
    venn_push_sum_squares push = {(uint32_t)n->in[i]->count, partials_of(n->in[i]), first};
    venn_dispatch d = {.kernel = profile->texel_loads ? "sum_squares.partial.texel"
                                                      : "sum_squares.partial",
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[i], VENN_READ}, {n->workspace, VENN_WRITE}},
                       .n_bind = 2};
    if (push.partials == 0)
        return;
    d.trips = (groups_of(n->in[i]) + push.partials - 1) / push.partials;
    venn_groups_linear(r, push.partials, profile->elementwise_group, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    uint32_t partials = 0;
    for (int i = 1; i < n->n_in; i++) {
        record_partial(r, n, i, partials);
        partials += partials_of(n->in[i]);
    }
    venn_push_sum_squares push = {.count = partials};
    venn_dispatch d = {
        .kernel =
            venn_recorder_profile(r)->texel_loads ? "sum_squares.total.texel" : "sum_squares.total",
        .spec = {TOTAL_GROUP, n->in[0] != NULL},
        .n_spec = 2,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{n->workspace, VENN_READ}, {n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
        .n_bind = 3,
        .groups = {1, 1, 1},
        .trips = partials / TOTAL_GROUP + 1 + TOTAL_GROUP};
    venn_record_dispatch(r, &d);
}

static void ref(const venn_ref *r)
{
    double sum = r->x[0] ? r->x[0][0] : 0;
    for (int k = 1; k < r->node->n_in; k++)
        for (int64_t i = 0; i < r->node->in[k]->count; i++)
            sum += r->x[k][i] * r->x[k][i];
    r->y[0][0] = sum;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    for (int i = 1; i < n->n_in; i++) {
        cost->flops += 2.0 * (double)n->in[i]->count;
        cost->bytes += 4.0 * (double)n->in[i]->count;
    }
}

const venn_op_desc venn_op_sum_squares = {
    .name = "sum_squares",
    .summary = "y = acc + the sum of x^2 over all elements of all x",
    .inputs = {{"acc", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"x", VENN_F32, VENN_ANY, VENN_IN_VARIADIC | VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .ref = ref,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_sum_squares(venn_graph *g, venn_tensor acc, size_t n, const venn_tensor *x)
{
    venn_tensor in[VENN_MAX_INPUTS];
    const size_t each = VENN_MAX_INPUTS - 1;
    for (size_t first = 0; first < n; first += each) {
        size_t count = n - first < each ? n - first : each;
        in[0] = acc;
        for (size_t i = 0; i < count; i++)
            in[1 + i] = x[first + i];
        acc = venn_op_apply(g, &venn_op_sum_squares, in, (int)count + 1, NULL, NULL);
        if (!acc.id)
            break;
    }
    return acc;
}

// Adding where an index says (see indexed.h).
#include <string.h>

#include "ops/divisor.h"
#include "ops/indexed.h"
#include "ops/order.h"

#define VENN_HOST
#include "indexed_add.comp"

bool venn_indexed_add_shape(venn_node *n, venn_index_kind kind)
{
    venn_shape named;
    if (!venn_indexed_read(n, kind, &named))
        return false;
    if (!venn_shape_equal(&named, &n->in[2]->shape))
        return venn_node_error(n, "source must have the shape of what the index names");
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

// ---- Adding ------------------------------------------------------------------------------------

// Orders of this many entries of the index at a time: more could make a sum too long for one invocation,
// which makes four of them where entries are single elements.
static int64_t span_of(const venn_profile *profile, const venn_indexed *ix)
{
    enum { BITS = 32 };
    const int64_t most = profile->loop_limit ? profile->loop_limit / 4 - BITS - 2 : ix->count;
    return ix->count < most ? ix->count : most;
}

// The order of entries [first, first + length) of the index.
static venn_order order_of(const venn_indexed *ix, int64_t first, int64_t length)
{
    const bool elements = ix->kind == VENN_INDEX_ELEMENTS, vector = ix->kind == VENN_INDEX_VECTOR;
    venn_order order = venn_order_whole(vector ? 1 : ix->outer, length, elements ? ix->inner : 1);
    order.pitch = ix->count;
    order.first = first;
    order.limit = (uint32_t)ix->extent;
    return order;
}

uint64_t venn_indexed_add_workspace(const venn_profile *profile, const venn_indexed *ix)
{
    const venn_order order = order_of(ix, 0, span_of(profile, ix));
    return venn_order_workspace(&order);
}

static void record_sums(venn_recorder *r, const venn_node *n, const venn_indexed *ix,
                        venn_ordered sorted, int64_t span, const venn_value *base,
                        const venn_value *source)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const bool vec = venn_indexed_in_fours(ix), elements = ix->kind == VENN_INDEX_ELEMENTS;
    const int64_t unit = vec ? 4 : 1;
    const venn_value *y = n->out[0];
    venn_push_indexed_add push = {.count = (uint32_t)(y->count / unit),
                                  .extent = (uint32_t)ix->extent,
                                  .inner = (uint32_t)(ix->inner / unit),
                                  .pitch = (uint32_t)ix->count,
                                  .size = (uint32_t)span,
                                  .keys = sorted.keys,
                                  .places = sorted.places,
                                  .outer_row = ix->kind == VENN_INDEX_VECTOR ? 0
                                               : elements                    ? (uint32_t)ix->inner
                                                                             : 1,
                                  .inner_row = elements,
                                  .skip = (uint32_t)ix->skip};
    venn_divisor(ix->inner / unit, push.divisor);
    venn_divisor(ix->extent, push.divisor + 3);
    venn_dispatch d = {.kernel = profile->texel_loads ? "indexed_add.forward.texel"
                                                      : "indexed_add.forward",
                       .spec = {profile->elementwise_group, vec, base != NULL},
                       .n_spec = 3,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{base, VENN_READ},
                                {source, VENN_READ},
                                {n->workspace, VENN_READ},
                                {y, VENN_WRITE}},
                       .n_bind = 4,
                       .trips = (vec ? 1 : 4) * (1 + 32 + (uint64_t)span)};
    venn_groups_linear(r, y->count, (int64_t)profile->elementwise_group * 4, d.groups);
    venn_record_dispatch(r, &d);
}

void venn_indexed_add_record(venn_recorder *r, const venn_node *n, const venn_indexed *ix,
                             const venn_value *base, const venn_value *index,
                             const venn_value *source)
{
    const int64_t span = span_of(venn_recorder_profile(r), ix);
    const venn_value *y = n->out[0];
    if (source->count == 0) {
        if (base)
            venn_record_copy(r, y, 0, base, 0, (uint64_t)y->count * venn_dtype_size(y->dtype));
        else
            venn_record_fill(r, y, 0);
        return;
    }
    if (y->count == 0)
        return;
    for (int64_t first = 0; first < ix->count; first += span) {
        const int64_t left = ix->count - first, length = left < span ? left : span;
        const venn_order order = order_of(ix, first, length);
        const venn_ordered sorted = venn_order_record(r, n, &order, index);
        record_sums(r, n, ix, sorted, length, first ? y : base, source);
    }
}

// ---- The gradient of reading -------------------------------------------------------------------

typedef struct backward_params {
    venn_indexed ix;
    venn_shape x;
} backward_params;

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, ((const backward_params *)n->params)->x);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    const backward_params *p = n->params;
    venn_indexed_add_record(r, n, &p->ix, NULL, n->in[1], n->in[0]);
}

static uint64_t backward_workspace(const venn_profile *profile, const venn_node *n)
{
    return venn_indexed_add_workspace(profile, &((const backward_params *)n->params)->ix);
}

static const venn_op_desc backward = {
    .name = "indexed.backward",
    .summary = "dx = dy added where the index says",
    .inputs = {{"dy"}, {"index", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = backward_record,
    .workspace = backward_workspace,
    .cost = venn_indexed_cost,
};

venn_tensor venn_indexed_backward(venn_graph *g, const venn_indexed *ix, venn_shape x,
                                  venn_tensor index, venn_tensor dy)
{
    backward_params p = {*ix, x};
    return venn_op_apply(g, &backward, (venn_tensor[]){dy, index}, 2, &p, NULL);
}

// ---- References --------------------------------------------------------------------------------

void venn_indexed_add_ref(const venn_ref *r, venn_index_kind kind)
{
    const venn_indexed ix = venn_indexed_of(r->node, kind);
    memcpy(r->y[0], r->x[0], (size_t)r->node->in[0]->count * sizeof(double));
    for (int64_t e = 0; e < r->node->in[2]->count; e++) {
        const int64_t to = venn_indexed_named(&ix, r->x[1], e);
        if (to >= 0)
            r->y[0][to] += r->x[2][e];
    }
}

void venn_indexed_add_ref_grad(const venn_ref *r, venn_index_kind kind)
{
    const venn_indexed ix = venn_indexed_of(r->node, kind);
    if (r->dx[0])
        memcpy(r->dx[0], r->dy[0], (size_t)r->node->in[0]->count * sizeof(double));
    for (int64_t e = 0; r->dx[2] && e < r->node->in[2]->count; e++) {
        const int64_t to = venn_indexed_named(&ix, r->x[1], e);
        r->dx[2][e] = to < 0 ? 0 : r->dy[0][to];
    }
}

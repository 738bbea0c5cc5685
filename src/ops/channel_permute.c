// channel_permute: y[b] = x[order[b]] in the chosen channels, x[b] in the rest
//                  dx: dy, in the chosen channels put back where it came from
#include "ops/channelwise.h"
#include "venn/ops.h"

enum { X, ORDER, CHOSEN, N_IN };

static bool shape(venn_node *n)
{
    const venn_shape *order = &n->in[ORDER]->shape;
    if (!venn_channelwise_shape(n, CHOSEN, false))
        return false;
    if (order->rank != 1 || order->dim[0] != n->in[X]->shape.dim[0])
        return venn_node_error(n, "order must be [B]");
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_tensor chosen = venn_channelwise_view(g, in[CHOSEN], &n->in[X]->shape);
    out[0] = venn_where(g, chosen, venn_index_select(g, in[X], in[ORDER], 0), in[X]);
    return true;
}

// The element of x that element e of y is; negative: none, it is 0.
static int64_t source(const venn_ref *r, int64_t e)
{
    const venn_shape *x = &r->node->in[X]->shape;
    const int64_t row = r->node->in[X]->count / x->dim[0];
    if (r->x[CHOSEN][venn_channelwise_index(r->node, CHOSEN, e)] == 0)
        return e;
    const int64_t from = (int64_t)r->x[ORDER][e / row];
    return from >= 0 && from < x->dim[0] ? from * row + e % row : -1;
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const int64_t from = source(r, e);
        r->y[0][e] = from < 0 ? 0 : r->x[X][from];
    }
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const int64_t from = source(r, e);
        if (from >= 0)
            r->dx[X][from] += r->dy[0][e];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 8.0 * (double)n->out[0]->count;
}

const venn_op_desc venn_op_channel_permute = {
    .name = "channel_permute",
    .summary = "y[b] = x[order[b]] in the chosen channels, x[b] in the rest",
    .inputs = {{"x"},
               {"order", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD},
               {"chosen", VENN_F32, VENN_BINARY, VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_channel_permute(venn_graph *g, venn_tensor x, venn_tensor order,
                                 venn_tensor chosen)
{
    return venn_op_apply(g, &venn_op_channel_permute, (venn_tensor[]){x, order, chosen}, N_IN, NULL,
                         NULL);
}

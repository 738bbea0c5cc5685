// channel_zero: y = 0 in the chosen channels, x in the rest
//               dx = 0 in the chosen channels, dy in the rest
#include "ops/channelwise.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    return venn_channelwise_shape(n, 1, false);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_tensor chosen = venn_channelwise_view(g, in[1], &n->in[0]->shape);
    out[0] = venn_where(g, chosen, venn_fill(g, VENN_SCALAR, 0), in[0]);
    return true;
}

static bool is_chosen(const venn_ref *r, int64_t e)
{
    return r->x[1][venn_channelwise_index(r->node, 1, e)] != 0;
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = is_chosen(r, e) ? 0 : r->x[0][e];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->dx[0][e] = is_chosen(r, e) ? 0 : r->dy[0][e];
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 8.0 * (double)n->out[0]->count;
}

const venn_op_desc venn_op_channel_zero = {
    .name = "channel_zero",
    .summary = "y = 0 in the chosen channels, x in the rest",
    .inputs = {{"x"}, {"chosen", VENN_F32, VENN_BINARY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_channel_zero(venn_graph *g, venn_tensor x, venn_tensor chosen)
{
    return venn_op_apply(g, &venn_op_channel_zero, (venn_tensor[]){x, chosen}, 2, NULL, NULL);
}

// channel_mean_fill: y = the channel's mean over batch and places in the chosen channels, x in the rest
//                    dx = the mean of dy in the chosen channels, dy in the rest
#include "ops/channelwise.h"
#include "venn/ops.h"

static bool shape(venn_node *n)
{
    return venn_channelwise_shape(n, 1, false);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_shape *x = &n->in[0]->shape;
    const venn_tensor chosen = venn_channelwise_view(g, in[1], x);
    const venn_reduce_params but_channels = {.axes = (int32_t)((1u << x->rank) - 1) & ~2,
                                             .keepdims = true};
    // A mean of nothing is an error; there is nothing to fill either.
    const venn_tensor filling =
        n->in[0]->count ? venn_mean(g, in[0], &but_channels) : venn_fill(g, VENN_SCALAR, 0);
    out[0] = venn_where(g, chosen, filling, in[0]);
    return true;
}

static bool is_chosen(const venn_ref *r, int64_t e)
{
    return r->x[1][venn_channelwise_index(r->node, 1, e)] != 0;
}

// The operator is its own adjoint: y from x, or dx from dy.
static void fill(const venn_ref *r, const double *from, double *to)
{
    const venn_shape *x = &r->node->in[0]->shape;
    const int64_t count = r->node->out[0]->count, channels = x->dim[1];
    const int64_t area = venn_channelwise_area(x);
    for (int64_t c = 0; c < channels; c++) {
        double sum = 0;
        for (int64_t e = 0; e < count; e++)
            sum += e / area % channels == c ? from[e] : 0;
        for (int64_t e = 0; e < count; e++)
            if (e / area % channels == c)
                to[e] = is_chosen(r, e) ? sum * (double)channels / (double)count : from[e];
    }
}

static void ref(const venn_ref *r)
{
    fill(r, r->x[0], r->y[0]);
}

static void ref_grad(const venn_ref *r)
{
    fill(r, r->dy[0], r->dx[0]);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->out[0]->count;
    cost->bytes = 8.0 * (double)n->out[0]->count;
}

const venn_op_desc venn_op_channel_mean_fill = {
    .name = "channel_mean_fill",
    .summary = "y = the channel's mean over batch and places in the chosen channels, x in the rest",
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

venn_tensor venn_channel_mean_fill(venn_graph *g, venn_tensor x, venn_tensor chosen)
{
    return venn_op_apply(g, &venn_op_channel_mean_fill, (venn_tensor[]){x, chosen}, 2, NULL, NULL);
}

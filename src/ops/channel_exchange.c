// channel_exchange: y = x in the channels where |gamma| >= threshold, other in the rest
//                   dx and dother = dy in those channels; gamma gets no gradient
#include <math.h>

#include "ops/channelwise.h"
#include "venn/ops.h"

enum { X, OTHER, GAMMA, N_IN };

typedef struct exchange_params {
    float threshold;
} exchange_params;

static float threshold(const venn_node *n)
{
    return ((const exchange_params *)n->params)->threshold;
}

static bool shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[X]->shape, &n->in[OTHER]->shape))
        return venn_node_error(n, "x and other must have one shape");
    return venn_channelwise_shape(n, GAMMA, false);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_tensor limit = venn_fill(g, VENN_SCALAR, threshold(n));
    const venn_tensor keep = venn_greater_equal(g, venn_abs(g, in[GAMMA]), limit);
    out[0] = venn_where(g, venn_channelwise_view(g, keep, &n->in[X]->shape), in[X], in[OTHER]);
    return true;
}

// The operand that element e of y comes from.
static int source(const venn_ref *r, int64_t e)
{
    const double gamma = r->x[GAMMA][venn_channelwise_index(r->node, GAMMA, e)];
    return fabs(gamma) >= threshold(r->node) ? X : OTHER;
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = r->x[source(r, e)][e];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        double *dx = r->dx[source(r, e)];
        if (dx)
            dx[e] = r->dy[0][e];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 8.0 * (double)n->out[0]->count;
}

static const venn_param_def params[] = {{"threshold", VENN_PARAM_FLOAT,
                                         offsetof(exchange_params, threshold), 1, NULL,
                                         "channels with smaller |gamma| come from other; 0: none"},
                                        {0}};

const venn_op_desc venn_op_channel_exchange = {
    .name = "channel_exchange",
    .summary = "y = x in the channels where |gamma| >= threshold, other in the rest",
    .inputs = {{"x"}, {"other"}, {"gamma", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .params_size = sizeof(exchange_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_channel_exchange(venn_graph *g, venn_tensor x, venn_tensor other,
                                  venn_tensor gamma, float limit)
{
    const exchange_params p = {limit};
    return venn_op_apply(g, &venn_op_channel_exchange, (venn_tensor[]){x, other, gamma}, N_IN, &p,
                         NULL);
}

// film: y = x gamma + beta, or x (1 + gamma) + beta, gamma and beta by channel (and sample)
//       dx = gamma dy, dgamma = sum of x dy and dbeta = sum of dy over what shares them
#include "ops/channelwise.h"
#include "venn/ops.h"

enum { X, GAMMA, BETA, N_IN };

static const venn_param_def params[] = {{"around_one", VENN_PARAM_BOOL,
                                         offsetof(venn_film_params, around_one), 1, NULL,
                                         "the factor is 1 + gamma; 0: gamma"},
                                        {0}};

static double base(const venn_node *n)
{
    return ((const venn_film_params *)n->params)->around_one;
}

static bool shape(venn_node *n)
{
    return venn_channelwise_shape(n, GAMMA, true) && venn_channelwise_shape(n, BETA, true);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_shape *x = &n->in[X]->shape;
    const venn_tensor gamma =
        base(n) != 0 ? venn_scale(g, in[GAMMA], 1, (float)base(n)) : in[GAMMA];
    const venn_tensor scaled = venn_mul(g, in[X], venn_channelwise_view(g, gamma, x));
    out[0] = venn_add(g, scaled, venn_channelwise_view(g, in[BETA], x));
    return true;
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++)
        r->y[0][e] = r->x[X][e] * (base(n) + r->x[GAMMA][venn_channelwise_index(n, GAMMA, e)]) +
                     r->x[BETA][venn_channelwise_index(n, BETA, e)];
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++) {
        const int64_t i = venn_channelwise_index(n, GAMMA, e);
        if (r->dx[X])
            r->dx[X][e] = (base(n) + r->x[GAMMA][i]) * r->dy[0][e];
        if (r->dx[GAMMA])
            r->dx[GAMMA][i] += r->x[X][e] * r->dy[0][e];
        if (r->dx[BETA])
            r->dx[BETA][venn_channelwise_index(n, BETA, e)] += r->dy[0][e];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)n->out[0]->count;
    cost->bytes = 8.0 * (double)n->out[0]->count;
}

const venn_op_desc venn_op_film = {
    .name = "film",
    .summary = "y = x gamma + beta, by channel",
    .inputs = {{"x"}, {"gamma"}, {"beta"}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .params_size = sizeof(venn_film_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_film(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                      const venn_film_params *film)
{
    return venn_op_apply(g, &venn_op_film, (venn_tensor[]){x, gamma, beta}, N_IN, film, NULL);
}

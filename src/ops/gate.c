// gate: y = x s, s = 1 / (1 + e^-g), with broadcasting
//       dx = s dy, dg = x s (1 - s) dy, each summed over the axes that were repeated
#include <math.h>

#include "ops/binary.h"
#include "venn/ops.h"

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    (void)n;
    out[0] = venn_mul(g, in[0], venn_sigmoid(g, in[1]));
    return true;
}

static double open_share(double g)
{
    return 1 / (1 + exp(-g));
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = r->x[0][venn_binary_index(r->node, 0, e)] *
                     open_share(r->x[1][venn_binary_index(r->node, 1, e)]);
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const int64_t i = venn_binary_index(r->node, 0, e), j = venn_binary_index(r->node, 1, e);
        const double s = open_share(r->x[1][j]);
        if (r->dx[0])
            r->dx[0][i] += s * r->dy[0][e];
        if (r->dx[1])
            r->dx[1][j] += r->x[0][i] * s * (1 - s) * r->dy[0][e];
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_binary_cost(n, cost);
    cost->flops *= 25;
}

const venn_op_desc venn_op_gate = {
    .name = "gate",
    .summary = "y = x / (1 + e^-g), with broadcasting",
    .inputs = {{"x"}, {"g"}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = venn_binary_shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_gate(venn_graph *g, venn_tensor x, venn_tensor opening)
{
    return venn_op_apply(g, &venn_op_gate, (venn_tensor[]){x, opening}, 2, NULL, NULL);
}

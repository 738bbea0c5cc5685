// margin_ranking: loss = max(0, margin - order (a - b)), mean, sum or elements
//                 da = -order dloss where that is above 0; db = -da
// A composite, for it ranks few numbers.
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_margin_ranking_params, reduction), 1, reductions,
     "over all elements: mean (default), sum, none (every value)"},
    {"margin", VENN_PARAM_FLOAT, offsetof(venn_margin_ranking_params, margin), 1, NULL,
     "by which the greater must exceed the other; 0: 0"},
    {0}};

static bool shape(venn_node *n)
{
    const venn_margin_ranking_params *p = n->params;
    const venn_shape *a = &n->in[0]->shape, *order = &n->in[2]->shape;
    if (!venn_shape_equal(a, &n->in[1]->shape))
        return venn_node_error(n, "a and b must have one shape");
    if (!venn_shape_equal(a, order) && order->rank != 0)
        return venn_node_error(n, "order must have the shape of a and b, or be a scalar");
    venn_node_output(n, 0, VENN_F32, p->reduction == VENN_REDUCE_NONE ? *a : VENN_SCALAR);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_margin_ranking_params *p = n->params;
    const venn_tensor lead = venn_mul(g, venn_sub(g, in[0], in[1]), venn_stop_gradient(g, in[2]));
    out[0] = venn_loss_reduce(g, venn_relu(g, venn_scale(g, lead, -1, p->margin)), n->in[0]->count,
                              p->reduction);
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 4.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->in[2]->count + n->out[0]->count);
}

// ---- References ------------------------------------------------------------------------------

static double order_of(const venn_ref *r, int64_t i)
{
    return r->x[2][r->node->in[2]->shape.rank ? i : 0];
}

static double loss_of(const venn_ref *r, int64_t i)
{
    const venn_margin_ranking_params *p = r->node->params;
    return fmax(0, (double)p->margin - order_of(r, i) * (r->x[0][i] - r->x[1][i]));
}

static double scale_of(const venn_ref *r)
{
    const venn_margin_ranking_params *p = r->node->params;
    const int64_t count = r->node->in[0]->count;
    return p->reduction == VENN_REDUCE_MEAN && count ? 1.0 / (double)count : 1;
}

static bool is_each(const venn_ref *r)
{
    return ((const venn_margin_ranking_params *)r->node->params)->reduction == VENN_REDUCE_NONE;
}

static void ref(const venn_ref *r)
{
    if (!is_each(r))
        r->y[0][0] = 0;
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        if (is_each(r))
            r->y[0][i] = loss_of(r, i);
        else
            r->y[0][0] += loss_of(r, i) * scale_of(r);
    }
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double slope = loss_of(r, i) > 0 ? order_of(r, i) * scale_of(r) : 0;
        const double d = slope * venn_loss_dy(r, is_each(r), i);
        if (r->dx[0])
            r->dx[0][i] = -d;
        if (r->dx[1])
            r->dx[1][i] = d;
    }
}

const venn_op_desc venn_op_margin_ranking = {
    .name = "margin_ranking",
    .summary = "max(0, margin - order (a - b)), mean, sum or elements",
    .inputs = {{"a"}, {"b"}, {"order", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_margin_ranking_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_margin_ranking(venn_graph *g, venn_tensor a, venn_tensor b, venn_tensor order,
                                const venn_margin_ranking_params *p)
{
    return venn_op_apply(g, &venn_op_margin_ranking, (venn_tensor[]){a, b, order}, 3, p, NULL);
}

// dice: loss = 1 - (1/C) sum_c (2 sum p t + smooth) / (sum p^2 + sum t + smooth + epsilon), sums over all rows
//       dp = -(1/C) (2 t - ratio 2 p) / denominator dloss, with 1 for 2 p if linear
// A composite: a few sums over columns.
#include "ops/loss.h"
#include "venn/ops.h"

static const venn_param_def params[] = {
    {"smooth", VENN_PARAM_FLOAT, offsetof(venn_dice_params, smooth), 1, NULL,
     "added above and below; 0: 0"},
    {"epsilon", VENN_PARAM_FLOAT, offsetof(venn_dice_params, epsilon), 1, NULL,
     "added below; 0: 1e-7"},
    {"linear", VENN_PARAM_BOOL, offsetof(venn_dice_params, linear), 1, NULL,
     "sum p below, not p^2; 0: p^2"},
    {0}};

static bool shape(venn_node *n)
{
    const venn_dice_params *p = n->params;
    const venn_shape *x = &n->in[0]->shape;
    if (!(p->smooth >= 0 && p->epsilon >= 0))
        return venn_node_error(n, "smooth %g and epsilon %g must not be negative",
                               (double)p->smooth, (double)p->epsilon);
    if (!venn_shape_equal(x, &n->in[1]->shape))
        return venn_node_error(n, "p and t must have one shape");
    if (x->rank == 0 || venn_rows_length(n->in[0]) == 0)
        return venn_node_error(n, "p must be [.., C] with at least one class");
    venn_node_output(n, 0, VENN_F32, VENN_SCALAR);
    return true;
}

// What stands below besides the sums.
static float epsilon_of(const venn_dice_params *p)
{
    return p->smooth + (p->epsilon == 0 ? 1e-7f : p->epsilon);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_dice_params *params_of = n->params;
    const venn_shape rows = VENN_SHAPE(venn_rows_count(n->in[0]), venn_rows_length(n->in[0]));
    const venn_reduce_params columns = {.axes = 1};
    const venn_tensor p = venn_reshape(g, in[0], rows);
    const venn_tensor t = venn_reshape(g, venn_stop_gradient(g, in[1]), rows);
    const venn_tensor common = venn_sum(g, venn_mul(g, p, t), &columns);
    const venn_tensor size = params_of->linear ? p : venn_square(g, p);
    const venn_tensor sizes = venn_sum(g, venn_add(g, size, t), &columns);
    const venn_tensor ratio = venn_div(g, venn_scale(g, common, 2, params_of->smooth),
                                       venn_scale(g, sizes, 1, epsilon_of(params_of)));
    out[0] = venn_scale(g, venn_mean(g, ratio, NULL), -1, 1);
    return true;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 5.0 * (double)n->in[0]->count;
    cost->bytes = 8.0 * (double)n->in[0]->count;
}

// ---- References ------------------------------------------------------------------------------

// What stands above and below for class c.
typedef struct fraction {
    double above, below;
} fraction;

static fraction fraction_of(const venn_ref *r, int64_t c)
{
    const venn_dice_params *params_of = r->node->params;
    const int64_t classes = venn_rows_length(r->node->in[0]);
    fraction f = {(double)params_of->smooth, (double)epsilon_of(params_of)};
    for (int64_t i = c; i < r->node->in[0]->count; i += classes) {
        const double p = r->x[0][i], t = r->x[1][i];
        f.above += 2 * p * t;
        f.below += (params_of->linear ? p : p * p) + t;
    }
    return f;
}

static void ref(const venn_ref *r)
{
    const int64_t classes = venn_rows_length(r->node->in[0]);
    r->y[0][0] = 1;
    for (int64_t c = 0; c < classes; c++) {
        const fraction f = fraction_of(r, c);
        r->y[0][0] -= f.above / f.below / (double)classes;
    }
}

static void ref_grad(const venn_ref *r)
{
    const venn_dice_params *params_of = r->node->params;
    const int64_t classes = venn_rows_length(r->node->in[0]);
    for (int64_t c = 0; c < classes; c++) {
        const fraction f = fraction_of(r, c);
        for (int64_t i = c; i < r->node->in[0]->count; i += classes) {
            const double growth = params_of->linear ? 1 : 2 * r->x[0][i];
            const double slope = (2 * r->x[1][i] - f.above / f.below * growth) / f.below;
            r->dx[0][i] = -slope / (double)classes * r->dy[0][0];
        }
    }
}

const venn_op_desc venn_op_dice = {
    .name = "dice",
    .summary = "1 - mean over the classes of 2 sum p t / (sum p^2 + sum t)",
    .inputs = {{"p", VENN_F32, VENN_PROBABILITY, 0},
               {"t", VENN_F32, VENN_PROBABILITY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_dice_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_dice(venn_graph *g, venn_tensor p, venn_tensor t,
                      const venn_dice_params *params_of)
{
    return venn_op_apply(g, &venn_op_dice, (venn_tensor[]){p, t}, 2, params_of, NULL);
}

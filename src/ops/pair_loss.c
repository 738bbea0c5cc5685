// Launches and references of the losses of two arrays (see pair_loss.h).
#include "ops/pair_loss.h"

// What a launch needs to know, also of the backward node, whose op is another.
typedef struct pair_params {
    uint32_t kind;
    venn_reduction reduction;
    float factor, setting;
} pair_params;

static pair_params params_of(const venn_node *n)
{
    const venn_pair_loss *loss = n->op->family;
    return (pair_params){
        .kind = loss->kind,
        .reduction = *(const venn_reduction *)n->params,
        .factor = loss->factor ? loss->factor(n->params) : 1,
        .setting = loss->setting ? loss->setting(n->params) : 0,
    };
}

static double scale_of(const pair_params *p, int64_t count)
{
    const double factor = (double)p->factor;
    return p->reduction == VENN_REDUCE_MEAN && count ? factor / (double)count : factor;
}

static bool is_each(const pair_params *p)
{
    return p->reduction == VENN_REDUCE_NONE;
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const pair_params *p,
                         const char *stem)
{
    enum { HELD = 4 };
    const int64_t count = n->in[0]->count;
    // The array is cut in rows that a subgroup holds.
    venn_rows plan = venn_rows_plan(profile, (count + 4 * HELD - 1) / (4 * HELD), 4 * HELD, 1);
    plan.lanes = plan.subgroup;
    plan.held = HELD;
    const int64_t in_row = (int64_t)4 * HELD * plan.lanes;
    const bool columns = n->n_in > 2 && n->in[2];
    return (venn_loss){
        .stem = stem,
        .plan = plan,
        .rows = (count + in_row - 1) / in_row,
        .length = count,
        .each = is_each(p),
        .scale = scale_of(p, count),
        .setting = p->setting,
        .number = columns ? (uint32_t)n->in[2]->count : 1,
        .spec = {p->kind, columns},
        .inputs = 3,
    };
}

bool venn_pair_loss_shape(venn_node *n)
{
    const pair_params p = params_of(n);
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "y and t must have one shape");
    if (n->n_in > 2 && n->in[2] &&
        (n->in[2]->shape.rank != 1 || n->in[2]->count != venn_rows_length(n->in[0])))
        return venn_node_error(n, "%s must be [C], C the last extent of y", n->op->inputs[2].name);
    venn_node_output(n, 0, VENN_F32, is_each(&p) ? n->in[0]->shape : VENN_SCALAR);
    return true;
}

void venn_pair_loss_record(venn_recorder *r, const venn_node *n)
{
    const pair_params p = params_of(n);
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, &p,
                                   is_each(&p) ? "pair_loss.each" : "pair_loss.forward");
    if (is_each(&p))
        venn_loss_record_backward(r, n, &loss);
    else
        venn_loss_record(r, n, &loss);
}

uint64_t venn_pair_loss_workspace(const venn_profile *profile, const venn_node *n)
{
    const pair_params p = params_of(n);
    const venn_loss loss = loss_of(profile, n, &p, NULL);
    return venn_loss_workspace(profile, &loss);
}

void venn_pair_loss_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 3.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, n->params, "pair_loss.backward");
    venn_loss_record_backward(r, n, &loss);
}

static const venn_op_desc pair_loss_backward = {
    .name = "pair_loss.backward",
    .summary = "dy = slope(y, t) scale dloss",
    .inputs = {{"y"}, {"t"}, {"column", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}, {"dloss"}},
    .n_inputs = 4,
    .n_outputs = 1,
    .params_size = sizeof(pair_params),
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = venn_pair_loss_cost,
};

void venn_pair_loss_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                             uint32_t need, venn_tensor *dx)
{
    const pair_params p = params_of(n);
    const venn_tensor column = n->n_in > 2 ? venn_in(n, 2) : VENN_NONE;
    for (int i = 0; i < 2; i++)
        if (need >> i & 1) {
            venn_tensor in[] = {venn_in(n, i), venn_in(n, 1 - i), column, dy[0]};
            dx[i] = venn_op_apply(g, &pair_loss_backward, in, 4, &p, NULL);
        }
}

// ---- References ------------------------------------------------------------------------------

static double setting_of(const venn_ref *r, const pair_params *p, int64_t i)
{
    const bool columns = r->node->n_in > 2 && r->x[2];
    return columns ? r->x[2][i % r->node->in[2]->count] : (double)p->setting;
}

void venn_pair_loss_ref(const venn_ref *r)
{
    const venn_pair_loss *loss = r->node->op->family;
    const pair_params p = params_of(r->node);
    const double scale = scale_of(&p, r->node->in[0]->count);
    if (!is_each(&p))
        r->y[0][0] = 0;
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double value = scale * loss->value(r->x[0][i], r->x[1][i], setting_of(r, &p, i));
        if (is_each(&p))
            r->y[0][i] = value;
        else
            r->y[0][0] += value;
    }
}

void venn_pair_loss_ref_grad(const venn_ref *r)
{
    const venn_pair_loss *loss = r->node->op->family;
    const pair_params p = params_of(r->node);
    const double scale = scale_of(&p, r->node->in[0]->count);
    for (int64_t i = 0; i < r->node->in[0]->count; i++) {
        const double slope = loss->slope(r->x[0][i], r->x[1][i], setting_of(r, &p, i));
        const double d = slope * scale * venn_loss_dy(r, is_each(&p), i);
        if (r->dx[0])
            r->dx[0][i] = d;
        if (r->dx[1])
            r->dx[1][i] = -d;
    }
}

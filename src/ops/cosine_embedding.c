// cosine_embedding: loss[b] = 1 - cos(x[b], t[b]), or max(0, cos(x[b], t[b]) - margin) where alike[b] = 0
//                   dx = -(t / |t| - cos x / |x|) / |x| dloss, with the other sign where alike = 0
#include <math.h>

#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_cosine_embedding_params, reduction), 1, reductions,
     "over the rows: mean (default), sum, none (a loss per row)"},
    {"margin", VENN_PARAM_FLOAT, offsetof(venn_cosine_embedding_params, margin), 1, NULL,
     "cosine up to which unlike rows cost nothing; 0: 0"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_cosine_embedding_params *)n->params)->reduction == VENN_REDUCE_NONE;
}

static double reduction_scale(const venn_node *n)
{
    const venn_cosine_embedding_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]);
    return p->reduction == VENN_REDUCE_MEAN && rows ? 1.0 / (double)rows : 1.0;
}

static bool shape(venn_node *n)
{
    const venn_cosine_embedding_params *p = n->params;
    if (!(fabsf(p->margin) <= 1))
        return venn_node_error(n, "margin %g is not a cosine", (double)p->margin);
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "x and t must have one shape");
    if (n->in[2] && !venn_loss_labels_fit(n, 2))
        return venn_node_error(n, "alike must have the shape of x without its last axis");
    return venn_loss_shape(n, is_each(n));
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem,
                         int passes)
{
    const venn_cosine_embedding_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){.stem = stem,
                       .plan = venn_rows_plan(profile, rows, length, 2),
                       .rows = rows,
                       .length = length,
                       .passes = passes,
                       .each = is_each(n),
                       .scale = reduction_scale(n),
                       .setting = p->margin,
                       .spec = {n->in[2] != NULL}};
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "cosine_embedding.forward", 2);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL, 0);
    return venn_loss_workspace(profile, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 6.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "cosine_embedding.backward", 3);
    venn_loss_record_backward(r, n, &loss);
}

static const venn_op_desc cosine_embedding_backward = {
    .name = "cosine_embedding.backward",
    .summary = "da = -(b / |b| - cos a / |a|) / |a| dloss",
    .inputs = {{"a"}, {"b"}, {"alike", VENN_F32, VENN_BINARY, VENN_IN_OPTIONAL}, {"dloss"}},
    .n_inputs = 4,
    .n_outputs = 1,
    .params_size = sizeof(venn_cosine_embedding_params),
    .params = params,
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    for (int i = 0; i < 2; i++)
        if (need >> i & 1) {
            venn_tensor in[] = {venn_in(n, i), venn_in(n, 1 - i), venn_in(n, 2), dy[0]};
            dx[i] = venn_op_apply(g, &cosine_embedding_backward, in, 4, n->params, NULL);
        }
}

// ---- References ------------------------------------------------------------------------------

// Norms, at most 1e-8 counting as none, and the cosine.
typedef struct angle {
    double x, t, cosine;
} angle;

static angle angle_of(const venn_ref *r, int64_t row)
{
    const int64_t length = venn_rows_length(r->node->in[0]);
    const double *x = r->x[0] + row * length, *t = r->x[1] + row * length;
    double xx = 0, tt = 0, xt = 0;
    for (int64_t i = 0; i < length; i++) {
        xx += x[i] * x[i];
        tt += t[i] * t[i];
        xt += x[i] * t[i];
    }
    if (xx <= 1e-16 || tt <= 1e-16)
        return (angle){0};
    return (angle){sqrt(xx), sqrt(tt), xt / sqrt(xx * tt)};
}

static bool is_apart(const venn_ref *r, int64_t row)
{
    return r->x[2] && r->x[2][row] <= 0;
}

static double margin_of(const venn_ref *r)
{
    return (double)((const venn_cosine_embedding_params *)r->node->params)->margin;
}

static void ref(const venn_ref *r)
{
    const bool each = is_each(r->node);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t row = 0; row < venn_rows_count(r->node->in[0]); row++) {
        const double cosine = angle_of(r, row).cosine;
        const double loss = is_apart(r, row) ? fmax(0, cosine - margin_of(r)) : 1 - cosine;
        if (each)
            r->y[0][row] = loss;
        else
            r->y[0][0] += loss * reduction_scale(r->node);
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]);
    for (int64_t row = 0; row < venn_rows_count(r->node->in[0]); row++) {
        const angle a = angle_of(r, row);
        const double *x = r->x[0] + row * length, *t = r->x[1] + row * length;
        double slope = -venn_loss_dy(r, is_each(r->node), row) * reduction_scale(r->node);
        if (is_apart(r, row))
            slope = a.cosine > margin_of(r) ? -slope : 0;
        for (int64_t i = 0; a.x > 0 && i < length; i++) {
            const double u = x[i] / a.x, v = t[i] / a.t;
            if (r->dx[0])
                r->dx[0][row * length + i] = slope * (v - a.cosine * u) / a.x;
            if (r->dx[1])
                r->dx[1][row * length + i] = slope * (u - a.cosine * v) / a.t;
        }
    }
}

const venn_op_desc venn_op_cosine_embedding = {
    .name = "cosine_embedding",
    .summary = "1 - cos(x, t) of rows, or max(0, cos - margin) of unlike ones",
    .inputs = {{"x"}, {"t"}, {"alike", VENN_F32, VENN_BINARY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_cosine_embedding_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_cosine_embedding(venn_graph *g, venn_tensor x, venn_tensor t, venn_tensor alike,
                                  const venn_cosine_embedding_params *p)
{
    venn_tensor in[] = {x, t, alike};
    return venn_op_apply(g, &venn_op_cosine_embedding, in, 3, p, NULL);
}

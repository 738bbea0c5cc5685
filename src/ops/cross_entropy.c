// cross_entropy: loss[b] = sum_c g[c] (log sum_k e^x[b,k] - x[b,c]), g = w ((1 - s) onehot(label[b]) + s / C)
//                dx = (softmax(x) sum g - g) dy scale
// w are class weights, s the smoothing. A mean divides by the sum of w[label[b]].
#include <math.h>

#define VENN_HOST
#include "cross_entropy.comp"
#include "ops/loss.h"
#include "venn/ops.h"

static const char *const reductions[] = {"mean", "sum", "none", NULL};

static const venn_param_def params[] = {
    {"reduction", VENN_PARAM_ENUM, offsetof(venn_cross_entropy_params, reduction), 1, reductions,
     "over the rows: mean by their weights (default), sum, none (a loss per row)"},
    {"label_smoothing", VENN_PARAM_FLOAT, offsetof(venn_cross_entropy_params, label_smoothing), 1,
     NULL, "s: the target is (1 - s) onehot + s / C; 0: none"},
    {"ignore_index", VENN_PARAM_INT, offsetof(venn_cross_entropy_params, ignore_index), 1, NULL,
     "rows with this label do not count; 0: all count"},
    {0}};

static bool is_each(const venn_node *n)
{
    return ((const venn_cross_entropy_params *)n->params)->reduction == VENN_REDUCE_NONE;
}

static uint32_t labels_of(const venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    return (n->in[1] ? LABEL_GIVEN : 0) | (n->in[2] ? LABEL_WEIGHTED : 0) |
           (p->ignore_index ? LABEL_IGNORED : 0);
}

// Rows weigh differently, and a mean is to heed it.
static bool has_weighted_mean(const venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    return p->reduction == VENN_REDUCE_MEAN && (labels_of(n) & (LABEL_WEIGHTED | LABEL_IGNORED));
}

static bool shape(venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    if (!(p->label_smoothing >= 0 && p->label_smoothing <= 1))
        return venn_node_error(n, "label_smoothing %g is not in [0, 1]",
                               (double)p->label_smoothing);
    if (n->in[1] && !venn_loss_labels_fit(n, 1))
        return venn_node_error(n, "label must have the shape of x without its last axis");
    if (!n->in[1] && (n->in[0]->shape.rank < 2 || p->ignore_index))
        return venn_node_error(n, "without labels x must be [.., N, C], and no label is ignored");
    if (n->in[2] && (n->in[2]->shape.rank != 1 || n->in[2]->count != venn_rows_length(n->in[0])))
        return venn_node_error(n, "weight must be [C]");
    return venn_loss_shape(n, is_each(n));
}

static double reduction_scale(const venn_node *n)
{
    const venn_cross_entropy_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]);
    const bool by_rows = p->reduction == VENN_REDUCE_MEAN && !has_weighted_mean(n) && rows;
    return by_rows ? 1.0 / (double)rows : 1.0;
}

// The extent that a row's own label runs along.
static uint32_t label_period(const venn_node *n)
{
    const venn_shape *s = &n->in[0]->shape;
    return s->rank > 1 ? (uint32_t)s->dim[s->rank - 2] : 1;
}

static venn_loss loss_of(const venn_profile *profile, const venn_node *n, const char *stem,
                         int passes)
{
    const venn_cross_entropy_params *p = n->params;
    const int64_t rows = venn_rows_count(n->in[0]), length = venn_rows_length(n->in[0]);
    return (venn_loss){
        .stem = stem,
        .plan = venn_rows_plan(profile, rows, length, 1),
        .rows = rows,
        .length = length,
        .passes = passes,
        .each = is_each(n),
        .weighted_mean = has_weighted_mean(n),
        .scale = reduction_scale(n),
        .setting = p->label_smoothing,
        .number = n->in[1] ? (uint32_t)p->ignore_index : label_period(n),
        .spec = {labels_of(n)},
    };
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "cross_entropy.forward", 2);
    venn_loss_record(r, n, &loss);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = loss_of(profile, n, NULL, 0);
    return venn_loss_workspace(profile, &loss);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double labels = n->in[1] ? (double)n->in[1]->count : 0;
    cost->flops = 5.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * ((double)(n->in[0]->count + n->out[0]->count) + labels);
}

// ---- Backward --------------------------------------------------------------------------------

// The sum of the rows' weights. x is there for its shape.
static venn_loss weights_of(const venn_profile *profile, const venn_node *n)
{
    venn_loss loss = loss_of(profile, n, "cross_entropy.weights", 0);
    loss.plan = venn_rows_plan(profile, loss.rows, 1, 1);
    loss.weighted_mean = false;
    return loss;
}

static bool weights_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, VENN_SCALAR);
    return true;
}

static void record_weights(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = weights_of(venn_recorder_profile(r), n);
    venn_loss_record(r, n, &loss);
}

static uint64_t weights_workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_loss loss = weights_of(profile, n);
    return venn_loss_workspace(profile, &loss);
}

static const venn_op_desc cross_entropy_weights = {
    .name = "cross_entropy.weights",
    .summary = "sum over b of weight[label[b]]",
    .inputs = {{"x"},
               {"label", VENN_I32, VENN_CLASS, VENN_IN_OPTIONAL},
               {"weight", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_cross_entropy_params),
    .params = params,
    .shape = weights_shape,
    .record = record_weights,
    .workspace = weights_workspace,
    .cost = cost,
};

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const venn_loss loss = loss_of(venn_recorder_profile(r), n, "cross_entropy.backward", 3);
    venn_loss_record_backward(r, n, &loss);
}

static const venn_op_desc cross_entropy_backward = {
    .name = "cross_entropy.backward",
    .summary = "dx = (softmax(x) sum g - g) dy scale",
    .inputs = {{"x"},
               {"label", VENN_I32, VENN_CLASS, VENN_IN_OPTIONAL},
               {"weight", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"total_weight", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"dy"}},
    .n_inputs = 5,
    .n_outputs = 1,
    .params_size = sizeof(venn_cross_entropy_params),
    .params = params,
    .shape = venn_loss_backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    venn_tensor in[] = {venn_in(n, 0), venn_in(n, 1), venn_in(n, 2), VENN_NONE, dy[0]};
    if (has_weighted_mean(n))
        in[3] = venn_op_apply(g, &cross_entropy_weights, in, 3, n->params, NULL);
    dx[0] = venn_op_apply(g, &cross_entropy_backward, in, 5, n->params, NULL);
}

// ---- References ------------------------------------------------------------------------------

static double log_sum(const double *x, int64_t length)
{
    double top = x[0];
    long double sum = 0; // rows are long, and finite differences of the loss are taken
    for (int64_t c = 1; c < length; c++)
        top = fmax(top, x[c]);
    for (int64_t c = 0; c < length; c++)
        sum += exp(x[c] - top);
    return top + log(fmax((double)sum, 1));
}

static int64_t label_of(const venn_ref *r, int64_t row)
{
    return r->x[1] ? (int64_t)r->x[1][row] : row % label_period(r->node);
}

static bool is_ignored(const venn_ref *r, int64_t row)
{
    const venn_cross_entropy_params *p = r->node->params;
    return p->ignore_index && label_of(r, row) == p->ignore_index;
}

static double class_weight(const venn_ref *r, int64_t c)
{
    return r->x[2] ? r->x[2][c] : 1;
}

static double target(const venn_ref *r, int64_t row, int64_t c)
{
    const venn_cross_entropy_params *p = r->node->params;
    const double s = p->label_smoothing, sharp = c == label_of(r, row);
    if (is_ignored(r, row))
        return 0;
    return class_weight(r, c) * ((1 - s) * sharp + s / (double)venn_rows_length(r->node->in[0]));
}

// What a sum over the rows is multiplied by.
static double sum_factor(const venn_ref *r)
{
    const int64_t rows = venn_rows_count(r->node->in[0]);
    double weight = 0;
    if (!has_weighted_mean(r->node))
        return reduction_scale(r->node);
    for (int64_t row = 0; row < rows; row++)
        if (!is_ignored(r, row))
            weight += class_weight(r, label_of(r, row));
    return weight == 0 ? 0 : 1 / weight;
}

static void ref(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    const bool each = is_each(r->node);
    const double factor = sum_factor(r);
    if (!each)
        r->y[0][0] = 0;
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, all = log_sum(x, length);
        long double loss = 0;
        for (int64_t c = 0; c < length; c++)
            loss += target(r, row, c) * (all - x[c]);
        if (each)
            r->y[0][row] = (double)loss;
        else
            r->y[0][0] += (double)loss * factor;
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t length = venn_rows_length(r->node->in[0]), rows = venn_rows_count(r->node->in[0]);
    const double factor = sum_factor(r);
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[0] + row * length, all = log_sum(x, length);
        const double slope = venn_loss_dy(r, is_each(r->node), row) * factor;
        double weight = 0;
        for (int64_t c = 0; c < length; c++)
            weight += target(r, row, c);
        for (int64_t c = 0; c < length; c++)
            r->dx[0][row * length + c] = (exp(x[c] - all) * weight - target(r, row, c)) * slope;
    }
}

const venn_op_desc venn_op_cross_entropy = {
    .name = "cross_entropy",
    .summary = "log sum e^x - x[label], reduced over the rows",
    .inputs = {{"x"},
               {"label", VENN_I32, VENN_CLASS, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"weight", VENN_F32, VENN_POSITIVE, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_cross_entropy_params),
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

venn_tensor venn_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor label,
                               const venn_cross_entropy_params *p)
{
    return venn_weighted_cross_entropy(g, x, label, VENN_NONE, p);
}

venn_tensor venn_weighted_cross_entropy(venn_graph *g, venn_tensor x, venn_tensor label,
                                        venn_tensor weight, const venn_cross_entropy_params *p)
{
    venn_tensor in[] = {x, label, weight};
    return venn_op_apply(g, &venn_op_cross_entropy, in, 3, p, NULL);
}

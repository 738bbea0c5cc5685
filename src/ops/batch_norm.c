// batch_norm: y = (x - mean) invstd gamma + beta, mean and invstd = 1 / sqrt(var + eps) per channel
//             dx = gamma invstd (dy - (dbeta + (x - mean) invstd dgamma) / N), N elements per channel
// dbeta = sum dy, dgamma = sum dy (x - mean) invstd; in eval mode mean and var are constants.
#include <math.h>
#include <stdio.h>

#include "ops/channels.h"
#include "venn/ops.h"

#define VENN_HOST
#include "batch_norm.comp"

static const char *const modes[] = {"train", "eval", NULL};

static const venn_param_def params[] = {
    {"mode", VENN_PARAM_ENUM, offsetof(venn_batch_norm_params, mode), 1, modes,
     "train (default): the batch's statistics; eval: the running ones"},
    {"eps", VENN_PARAM_FLOAT, offsetof(venn_batch_norm_params, eps), 1, NULL,
     "added to the variance; 0: 1e-5"},
    {"momentum", VENN_PARAM_FLOAT, offsetof(venn_batch_norm_params, momentum), 1, NULL,
     "weight of the batch in the running statistics; 0: 0.1"},
    {"set", VENN_PARAM_INT, offsetof(venn_batch_norm_params, set), 1, NULL,
     "row of running statistics [S, C] to use"},
    {0}};

// Of the backward node.
typedef struct backward_params {
    venn_batch_norm_params norm;
    uint32_t need; // bit 0: dx, 1: dgamma, 2: dbeta
} backward_params;

enum { X, GAMMA, BETA, RUNNING_MEAN, RUNNING_VAR };

static bool is_train(const venn_node *n)
{
    return ((const venn_batch_norm_params *)n->params)->mode == VENN_BATCH_NORM_TRAIN;
}

static float eps_of(const venn_batch_norm_params *p)
{
    return p->eps == 0 ? 1e-5f : p->eps;
}

static float momentum_of(const venn_batch_norm_params *p)
{
    return p->momentum == 0 ? 0.1f : p->momentum;
}

// Running statistics: [C], or a set of them in every row of [S, C].
static bool sets_fit(const venn_shape *s, int64_t channels, int32_t set)
{
    const int64_t sets = s->rank == 2 ? s->dim[0] : 1;
    return (s->rank == 1 || s->rank == 2) && s->dim[s->rank - 1] == channels && set >= 0 &&
           set < sets;
}

static bool shape(venn_node *n)
{
    const venn_batch_norm_params *p = n->params;
    const venn_shape *x = &n->in[X]->shape;
    if (x->rank < 2)
        return venn_node_error(n, "x must be [B, C, ...]");
    for (int i = GAMMA; i <= BETA; i++)
        if (n->in[i]->shape.rank != 1 || n->in[i]->shape.dim[0] != x->dim[1])
            return venn_node_error(n, "%s must be [C], a value per channel of x",
                                   n->op->inputs[i].name);
    for (int i = RUNNING_MEAN; i <= RUNNING_VAR; i++)
        if (!sets_fit(&n->in[i]->shape, x->dim[1], p->set))
            return venn_node_error(n, "%s must be [C], or [S, C] with a row for set %d",
                                   n->op->inputs[i].name, (int)p->set);
    if (!(p->eps >= 0 && p->eps < INFINITY) || !(p->momentum >= 0 && p->momentum <= 1))
        return venn_node_error(n, "eps must be positive and momentum in [0, 1]");
    const venn_shape channels = n->in[GAMMA]->shape;
    venn_node_output(n, 0, VENN_F32, *x);
    venn_node_output(n, 1, VENN_F32, channels);
    venn_node_output(n, 2, VENN_F32, channels);
    return true;
}

static uint32_t updates(const venn_node *n)
{
    return is_train(n) ? 1u << RUNNING_MEAN | 1u << RUNNING_VAR : 0;
}

// ---- Forward ---------------------------------------------------------------------------------

static venn_push_batch_norm push_of(const venn_channels *c, const venn_batch_norm_params *p)
{
    venn_push_batch_norm push = {.set_first = (uint32_t)(p->set * c->x.channels),
                                 .eps = eps_of(p),
                                 .momentum = momentum_of(p)};
    venn_channels_push(c, &push.images);
    return push;
}

static const char *kernel(char name[VENN_KERNEL_NAME], const char *stem, const char *suffix)
{
    snprintf(name, VENN_KERNEL_NAME, "batch_norm.%s%s", stem, suffix);
    return name;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_channels c = venn_channels_sums(profile, venn_planes_of(n->in[X]));
    return is_train(n) && c.parts > 1 ? c.parts * (uint64_t)c.x.channels * 3 * sizeof(float) : 0;
}

// Mean and inverse deviation, and the running statistics.
static void record_statistics(venn_recorder *r, const venn_node *n)
{
    const venn_channels c = venn_channels_sums(venn_recorder_profile(r), venn_planes_of(n->in[X]));
    const venn_push_batch_norm push = push_of(&c, n->params);
    const bool train = is_train(n), direct = c.parts == 1;
    const venn_access access = train ? VENN_UPDATE : VENN_READ;
    const venn_bind running[] = {{n->in[RUNNING_MEAN], access},
                                 {n->in[RUNNING_VAR], access},
                                 {n->out[1], VENN_WRITE},
                                 {n->out[2], VENN_WRITE}};
    char name[VENN_KERNEL_NAME];
    venn_dispatch d = {.n_spec = 9, .push = &push, .push_size = sizeof push};
    d.spec[VENN_CHANNELS_SPEC] = direct;
    d.spec[VENN_CHANNELS_SPEC + 1] = train;
    if (train) {
        d.kernel = kernel(name, "statistics", c.suffix);
        d.bind[0] = (venn_bind){n->in[X], VENN_READ};
        for (int i = 0; direct && i < 4; i++)
            d.bind[1 + i] = running[i];
        d.bind[5] = (venn_bind){n->workspace, VENN_WRITE};
        d.n_bind = direct ? 5 : 6;
        venn_channels_record(r, &c, &d);
        if (direct)
            return;
    }
    d.kernel = kernel(name, "finish", "");
    d.bind[0] = (venn_bind){train ? n->workspace : NULL, VENN_READ};
    for (int i = 0; i < 4; i++)
        d.bind[1 + i] = running[i];
    d.n_bind = 5;
    venn_channels_record_join(r, &c, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    record_statistics(r, n);
    if (n->in[X]->count == 0)
        return;
    const venn_channels c = venn_channels_map(venn_recorder_profile(r), venn_planes_of(n->in[X]));
    const venn_push_batch_norm push = push_of(&c, n->params);
    char name[VENN_KERNEL_NAME];
    venn_dispatch d = {.kernel = kernel(name, "apply", c.map_suffix),
                       .n_spec = VENN_CHANNELS_SPEC,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[X], VENN_READ},
                                {n->out[1], VENN_READ},
                                {n->out[2], VENN_READ},
                                {n->in[GAMMA], VENN_READ},
                                {n->in[BETA], VENN_READ},
                                {n->out[0], VENN_WRITE}},
                       .n_bind = 6};
    venn_channels_record(r, &c, &d);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 8.0 * (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

enum { B_X, B_GAMMA, B_MEAN, B_INVSTD, B_DY, B_DMEAN, B_DINVSTD };

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[B_X]->shape);
    venn_node_output(n, 1, VENN_F32, n->in[B_GAMMA]->shape);
    venn_node_output(n, 2, VENN_F32, n->in[B_GAMMA]->shape);
    return true;
}

static uint64_t backward_workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_channels c = venn_channels_sums(profile, venn_planes_of(n->in[B_X]));
    return venn_channels_pairs(&c);
}

static void record_sums(venn_recorder *r, const venn_node *n)
{
    const venn_channels c =
        venn_channels_sums(venn_recorder_profile(r), venn_planes_of(n->in[B_X]));
    const venn_push_batch_norm push = push_of(&c, n->params);
    const bool direct = c.parts == 1;
    char name[VENN_KERNEL_NAME];
    venn_dispatch d = {.kernel = kernel(name, "sums", c.suffix),
                       .n_spec = 8,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[B_X], VENN_READ},
                                {n->in[B_DY], VENN_READ},
                                {n->in[B_MEAN], VENN_READ},
                                {n->in[B_INVSTD], VENN_READ},
                                {direct ? n->out[1] : NULL, VENN_WRITE},
                                {direct ? n->out[2] : NULL, VENN_WRITE},
                                {direct ? NULL : n->workspace, VENN_WRITE}},
                       .n_bind = 7};
    d.spec[VENN_CHANNELS_SPEC] = direct;
    venn_channels_record(r, &c, &d);
    if (!direct)
        venn_channels_record_total(r, &c, n->workspace, n->out[1], n->out[2]);
}

static void record_gradient(venn_recorder *r, const venn_node *n)
{
    const venn_channels c = venn_channels_map(venn_recorder_profile(r), venn_planes_of(n->in[B_X]));
    const venn_push_batch_norm push = push_of(&c, n->params);
    const bool train = is_train(n);
    char name[VENN_KERNEL_NAME];
    venn_dispatch d = {.kernel = kernel(name, "gradient", c.map_suffix),
                       .n_spec = 11,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[B_X], VENN_READ},
                                {n->in[B_DY], VENN_READ},
                                {n->in[B_MEAN], VENN_READ},
                                {n->in[B_INVSTD], VENN_READ},
                                {n->in[B_GAMMA], VENN_READ},
                                {train ? n->out[1] : NULL, VENN_READ},
                                {train ? n->out[2] : NULL, VENN_READ},
                                {n->in[B_DMEAN], VENN_READ},
                                {n->in[B_DINVSTD], VENN_READ},
                                {n->out[0], VENN_WRITE}},
                       .n_bind = 10};
    d.spec[VENN_CHANNELS_SPEC + 1] = train;
    d.spec[VENN_CHANNELS_SPEC + 2] = n->in[B_DMEAN] != NULL;
    d.spec[VENN_CHANNELS_SPEC + 3] = n->in[B_DINVSTD] != NULL;
    venn_channels_record(r, &c, &d);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const backward_params *p = n->params;
    // In train mode dx is made of the sums.
    if ((p->need & ~1u) || is_train(n))
        record_sums(r, n);
    if ((p->need & 1) && n->in[B_X]->count)
        record_gradient(r, n);
}

static const venn_op_desc batch_norm_backward = {
    .name = "batch_norm.backward",
    .summary = "dx, dgamma, dbeta",
    .inputs = {{"x"},
               {"gamma"},
               {"mean"},
               {"invstd"},
               {"dy"},
               {"dmean", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"dinvstd", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 7,
    .n_outputs = 3,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = record_backward,
    .workspace = backward_workspace,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const backward_params p = {*(const venn_batch_norm_params *)n->params, need};
    venn_tensor slope = dy[0].id ? dy[0] : venn_fill(g, n->out[0]->shape, 0);
    venn_tensor in[] = {
        venn_in(n, X), venn_in(n, GAMMA), venn_out(n, 1), venn_out(n, 2), slope, dy[1], dy[2]};
    venn_op_apply(g, &batch_norm_backward, in, 7, &p, dx);
}

// ---- Reference -------------------------------------------------------------------------------

// One channel seen by the reference: N elements, element k at at(c, k).
typedef struct channel {
    int64_t index, channels, area, count;
} channel;

static channel channel_of(const venn_node *n, int64_t index)
{
    const venn_shape *s = &n->in[X]->shape;
    channel c = {.index = index, .channels = s->dim[1], .area = 1};
    for (int i = 2; i < s->rank; i++)
        c.area *= s->dim[i];
    c.count = s->dim[0] * c.area;
    return c;
}

static int64_t at(const channel *c, int64_t k)
{
    return (k / c->area * c->channels + c->index) * c->area + k % c->area;
}

static void ref_statistics(const venn_ref *r, const channel *c)
{
    const venn_batch_norm_params *p = r->node->params;
    const double n = (double)c->count, m = (double)momentum_of(p);
    const int64_t own = p->set * c->channels + c->index;
    double mean = 0, square = 0;
    for (int64_t k = 0; k < c->count; k++)
        mean += r->x[X][at(c, k)] / n;
    for (int64_t k = 0; k < c->count; k++)
        square += pow(r->x[X][at(c, k)] - mean, 2);
    r->y[1][c->index] = mean;
    r->y[2][c->index] = 1 / sqrt(square / fmax(n, 1) + (double)eps_of(p));
    if (n == 0 || !isfinite(mean) || !isfinite(square)) {
        r->updated[RUNNING_MEAN][own] = r->x[RUNNING_MEAN][own];
        r->updated[RUNNING_VAR][own] = r->x[RUNNING_VAR][own];
        return;
    }
    r->updated[RUNNING_MEAN][own] = (1 - m) * r->x[RUNNING_MEAN][own] + m * mean;
    r->updated[RUNNING_VAR][own] = (1 - m) * r->x[RUNNING_VAR][own] + m * square / fmax(n - 1, 1);
}

// Other sets stay as they were.
static void ref_keep(const venn_ref *r)
{
    for (int i = RUNNING_MEAN; i <= RUNNING_VAR; i++)
        for (int64_t k = 0; r->updated[i] && k < r->node->in[i]->count; k++)
            r->updated[i][k] = r->x[i][k];
}

static void ref(const venn_ref *r)
{
    const venn_batch_norm_params *p = r->node->params;
    ref_keep(r);
    for (int64_t i = 0; i < r->node->in[GAMMA]->count; i++) {
        const channel c = channel_of(r->node, i);
        if (is_train(r->node)) {
            ref_statistics(r, &c);
        } else {
            const int64_t at = p->set * c.channels + i;
            r->y[1][i] = r->x[RUNNING_MEAN][at];
            r->y[2][i] = 1 / sqrt(r->x[RUNNING_VAR][at] + (double)eps_of(p));
        }
        for (int64_t k = 0; k < c.count; k++)
            r->y[0][at(&c, k)] =
                (r->x[X][at(&c, k)] - r->y[1][i]) * r->y[2][i] * r->x[GAMMA][i] + r->x[BETA][i];
    }
}

static void ref_grad_channel(const venn_ref *r, const channel *c)
{
    const int64_t i = c->index;
    const double mean = r->y[1][i], invstd = r->y[2][i], gamma = r->x[GAMMA][i];
    const double n = (double)c->count;
    double dbeta = 0, dgamma = 0;
    for (int64_t k = 0; r->dy[0] && k < c->count; k++) {
        dbeta += r->dy[0][at(c, k)];
        dgamma += r->dy[0][at(c, k)] * (r->x[X][at(c, k)] - mean) * invstd;
    }
    if (r->dx[BETA])
        r->dx[BETA][i] = dbeta;
    if (r->dx[GAMMA])
        r->dx[GAMMA][i] = dgamma;
    for (int64_t k = 0; r->dx[X] && k < c->count; k++) {
        const double xhat = (r->x[X][at(c, k)] - mean) * invstd;
        double dx = r->dy[0] ? gamma * invstd * r->dy[0][at(c, k)] : 0;
        if (is_train(r->node)) {
            dx -= gamma * invstd * (dbeta + xhat * dgamma) / n;
            dx += r->dy[1] ? r->dy[1][i] / n : 0;
            dx -= r->dy[2] ? r->dy[2][i] * invstd * invstd * xhat / n : 0;
        }
        r->dx[X][at(c, k)] = dx;
    }
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t i = 0; i < r->node->in[GAMMA]->count; i++) {
        const channel c = channel_of(r->node, i);
        ref_grad_channel(r, &c);
    }
}

const venn_op_desc venn_op_batch_norm = {
    .name = "batch_norm",
    .summary = "y = (x - mean) / sqrt(var + eps) gamma + beta, per channel of x [B, C, ...]",
    .inputs = {{"x"},
               {"gamma"},
               {"beta"},
               {"running_mean", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD | VENN_IN_UPDATE},
               {"running_var", VENN_F32, VENN_POSITIVE, VENN_IN_NO_GRAD | VENN_IN_UPDATE}},
    .n_inputs = 5,
    .n_outputs = 3,
    .params_size = sizeof(venn_batch_norm_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .updates = updates,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_batch_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            venn_tensor running_mean, venn_tensor running_var,
                            const venn_batch_norm_params *p, venn_tensor statistics[2])
{
    venn_tensor in[] = {x, gamma, beta, running_mean, running_var}, out[3];
    venn_op_apply(g, &venn_op_batch_norm, in, 5, p, out);
    if (statistics) {
        statistics[0] = out[1];
        statistics[1] = out[2];
    }
    return out[0];
}

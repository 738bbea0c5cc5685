// Shared front end of the ops that normalise rows (see row_norm.h).
#include <math.h>
#include <stdio.h>

#include "ops/channels.h"
#include "ops/divisor.h"
#include "ops/row_norm.h"

#define VENN_HOST
#include "row_norm.comp"

enum { X, GAMMA, BETA };

static int64_t length_of(const venn_row_norm *norm)
{
    return norm->each * norm->area;
}

static int64_t rows_of(const venn_value *x, const venn_row_norm *norm)
{
    return length_of(norm) ? x->count / length_of(norm) : 0;
}

static const venn_value *input(const venn_node *n, int i)
{
    return i < n->n_in ? n->in[i] : NULL;
}

bool venn_row_norm_shape(venn_node *n, const venn_row_norm *norm)
{
    const int64_t channels = norm->period * norm->each;
    if (norm->misfit)
        return venn_node_error(n, "%s", norm->misfit);
    for (int i = GAMMA; i < n->n_in; i++)
        if (n->in[i] && (n->in[i]->shape.rank != 1 || n->in[i]->shape.dim[0] != channels))
            return venn_node_error(n, "%s must be [%lld], a value per channel",
                                   n->op->inputs[i].name, (long long)channels);
    if (!(norm->eps > 0 && norm->eps < INFINITY))
        return venn_node_error(n, "eps is %g, must be positive", (double)norm->eps);
    venn_node_output(n, 0, VENN_F32, n->in[X]->shape);
    return true;
}

// ---- Rows ------------------------------------------------------------------------------------

static void record_rows(venn_recorder *r, const venn_value *x, const venn_row_norm *norm,
                        const char *stem, venn_push_row_norm *push, venn_dispatch *d, int arrays,
                        int passes)
{
    const int64_t count = rows_of(x, norm), length = length_of(norm);
    if (count == 0)
        return;
    const venn_rows rows = venn_rows_plan(venn_recorder_profile(r), count, length, arrays);
    char name[VENN_KERNEL_NAME];
    push->rows = (uint32_t)count;
    push->length = (uint32_t)length;
    push->each = (uint32_t)norm->each;
    push->rms = norm->rms;
    push->eps = norm->eps;
    venn_divisor(norm->period, push->period);
    venn_divisor(norm->area, push->area);
    d->push = push;
    d->push_size = sizeof *push;
    d->trips = (uint64_t)rows.chunks * (uint64_t)passes;
    venn_rows_dispatch(&rows, stem, name, d);
    venn_groups_linear(r, count, rows.group / rows.lanes, d->groups);
    venn_record_dispatch(r, d);
}

void venn_row_norm_record(venn_recorder *r, const venn_node *n, const venn_row_norm *norm)
{
    const venn_value *gamma = input(n, GAMMA), *beta = input(n, BETA);
    venn_push_row_norm push = {.has_gamma = gamma != NULL, .has_beta = beta != NULL};
    venn_dispatch d = {.bind = {{n->in[X], VENN_READ},
                                {gamma, VENN_READ},
                                {beta, VENN_READ},
                                {n->out[0], VENN_WRITE}},
                       .n_bind = 4};
    record_rows(r, n->in[X], norm, "row_norm.forward", &push, &d, 1, 3);
}

void venn_row_norm_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 8.0 * (double)n->in[X]->count;
    cost->bytes = 4.0 * (double)(n->in[X]->count + n->out[0]->count);
}

// ---- Backward --------------------------------------------------------------------------------

typedef struct backward_params {
    venn_row_norm norm;
    uint32_t need; // bit 0: dx, 1: dgamma, 2: dbeta
} backward_params;

// The inputs of the backward node; its outputs are dx, dgamma, dbeta, stats [rows, 2].
enum { B_X, B_GAMMA, B_DY, B_STATS = 3 };

static bool backward_shape(venn_node *n)
{
    const backward_params *p = n->params;
    const venn_shape channels = VENN_SHAPE(p->norm.period * p->norm.each);
    const bool sums = p->need & ~1u;
    venn_node_output(n, 0, VENN_F32, n->in[B_X]->shape);
    venn_node_output(n, 1, VENN_F32, channels);
    venn_node_output(n, 2, VENN_F32, channels);
    venn_node_output(n, B_STATS, VENN_F32, VENN_SHAPE(sums ? rows_of(n->in[B_X], &p->norm) : 0, 2));
    return true;
}

// x as channels see it.
static venn_planes planes_of(const venn_value *x, const venn_row_norm *norm)
{
    const int64_t channels = norm->period * norm->each, sample = channels * norm->area;
    return (venn_planes){sample ? x->count / sample : 0, channels, norm->area};
}

static uint64_t backward_workspace(const venn_profile *profile, const venn_node *n)
{
    const backward_params *p = n->params;
    const venn_channels c = venn_channels_sums(profile, planes_of(n->in[B_X], &p->norm));
    return p->need & ~1u ? venn_channels_pairs(&c) : 0;
}

static void record_sums(venn_recorder *r, const venn_node *n, const venn_row_norm *norm)
{
    const venn_channels c =
        venn_channels_sums(venn_recorder_profile(r), planes_of(n->in[B_X], norm));
    const bool direct = c.parts == 1;
    char name[VENN_KERNEL_NAME];
    venn_push_row_norm_sums push = {.period = (uint32_t)norm->period,
                                    .each = (uint32_t)(norm->each ? norm->each : 1)};
    venn_dispatch d = {.kernel = name,
                       .n_spec = VENN_CHANNELS_SPEC + 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[B_X], VENN_READ},
                                {n->in[B_DY], VENN_READ},
                                {n->out[B_STATS], VENN_READ},
                                {direct ? n->out[1] : NULL, VENN_WRITE},
                                {direct ? n->out[2] : NULL, VENN_WRITE},
                                {direct ? NULL : n->workspace, VENN_WRITE}},
                       .n_bind = 6};
    snprintf(name, sizeof name, "row_norm.sums%s", c.suffix);
    d.spec[VENN_CHANNELS_SPEC] = direct;
    venn_channels_push(&c, &push.images);
    venn_channels_record(r, &c, &d);
    if (!direct)
        venn_channels_record_total(r, &c, n->workspace, n->out[1], n->out[2]);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const backward_params *p = n->params;
    const bool dx = p->need & 1, sums = p->need & ~1u;
    const venn_value *gamma = n->in[B_GAMMA];
    venn_push_row_norm push = {.has_gamma = gamma != NULL, .has_dx = dx, .has_stats = sums};
    venn_dispatch d = {.bind = {{n->in[B_X], VENN_READ},
                                {gamma, VENN_READ},
                                {n->in[B_DY], VENN_READ},
                                {n->out[0], VENN_WRITE},
                                {sums ? n->out[B_STATS] : NULL, VENN_WRITE}},
                       .n_bind = 5};
    record_rows(r, n->in[B_X], &p->norm, "row_norm.backward", &push, &d, 2, 4);
    if (sums)
        record_sums(r, n, &p->norm);
}

static const venn_op_desc row_norm_backward = {
    .name = "row_norm.backward",
    .summary = "dx, dgamma, dbeta",
    .inputs = {{"x"}, {"gamma", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}, {"dy"}},
    .n_inputs = 3,
    .n_outputs = 4,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = record_backward,
    .workspace = backward_workspace,
    .cost = venn_row_norm_cost,
};

void venn_row_norm_gradient(venn_graph *g, const venn_node *n, const venn_row_norm *norm,
                            const venn_tensor *dy, uint32_t need, venn_tensor *dx)
{
    const backward_params p = {*norm, need};
    venn_tensor out[4], in[] = {venn_in(n, X), venn_value_tensor(input(n, GAMMA)), dy[0]};
    venn_op_apply(g, &row_norm_backward, in, 3, &p, out);
    for (int i = 0; i < n->n_in; i++)
        dx[i] = out[i];
}

// ---- Reference -------------------------------------------------------------------------------

typedef struct moments {
    double mean, invstd;
} moments;

static moments moments_of(const double *x, int64_t length, const venn_row_norm *norm)
{
    moments m = {0, 0};
    double square = 0;
    for (int64_t i = 0; !norm->rms && i < length; i++)
        m.mean += x[i] / (double)length;
    for (int64_t i = 0; i < length; i++)
        square += pow(x[i] - m.mean, 2);
    m.invstd = 1 / sqrt(square / (double)length + (double)norm->eps);
    return m;
}

static int64_t channel_of(const venn_row_norm *norm, int64_t row, int64_t i)
{
    return row % norm->period * norm->each + i / norm->area;
}

void venn_row_norm_ref(const venn_ref *r, const venn_row_norm *norm)
{
    const int64_t length = length_of(norm), rows = rows_of(r->node->in[X], norm);
    for (int64_t row = 0; row < rows; row++) {
        const double *x = r->x[X] + row * length;
        const moments m = moments_of(x, length, norm);
        for (int64_t i = 0; i < length; i++) {
            const int64_t c = channel_of(norm, row, i);
            r->y[0][row * length + i] =
                (x[i] - m.mean) * m.invstd * (r->x[GAMMA] ? r->x[GAMMA][c] : 1) +
                (r->x[BETA] ? r->x[BETA][c] : 0);
        }
    }
}

static void ref_grad_row(const venn_ref *r, const venn_row_norm *norm, int64_t row)
{
    const int64_t length = length_of(norm), first = row * length;
    const double *x = r->x[X] + first, *dy = r->dy[0] + first;
    const moments m = moments_of(x, length, norm);
    double level = 0, tilt = 0;
    for (int64_t i = 0; i < length; i++) {
        const int64_t c = channel_of(norm, row, i);
        const double xhat = (x[i] - m.mean) * m.invstd;
        const double h = dy[i] * (r->x[GAMMA] ? r->x[GAMMA][c] : 1);
        level += norm->rms ? 0 : h / (double)length;
        tilt += h * xhat / (double)length;
        if (r->dx[GAMMA])
            r->dx[GAMMA][c] += dy[i] * xhat;
        if (r->dx[BETA])
            r->dx[BETA][c] += dy[i];
    }
    for (int64_t i = 0; r->dx[X] && i < length; i++) {
        const double h = dy[i] * (r->x[GAMMA] ? r->x[GAMMA][channel_of(norm, row, i)] : 1);
        r->dx[X][first + i] = m.invstd * (h - level - (x[i] - m.mean) * m.invstd * tilt);
    }
}

void venn_row_norm_ref_grad(const venn_ref *r, const venn_row_norm *norm)
{
    for (int64_t row = 0; row < rows_of(r->node->in[X], norm); row++)
        ref_grad_row(r, norm, row);
}

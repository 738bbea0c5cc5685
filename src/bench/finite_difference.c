// An element passes if one of two step sizes agrees: a kink (relu, max) between x - h and x + h spoils
// the larger step only.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "bench/finite_difference.h"

#define TOLERANCE 1e-5
#define CHOICE_STREAM 200

typedef struct differ {
    const op_graph *og;
    const venn_node *n;
    venn_arena arena;
    venn_ref ref, shifted; // at x, and at x with one element moved
    double *x[VENN_MAX_INPUTS];
    double *high[VENN_MAX_OUTPUTS];
    fd_result *result;
} differ;

static double *new_array(differ *d, int64_t count)
{
    return venn_arena_alloc(&d->arena, ((size_t)count + 1) * sizeof(double));
}

static bool init_inputs(differ *d)
{
    for (int i = 0; i < d->n->n_in; i++) {
        const venn_value *value = d->n->in[i];
        if (!value)
            continue;
        d->x[i] = new_array(d, value->count);
        if (!d->x[i])
            return false;
        for (int64_t k = 0; k < value->count; k++)
            d->x[i][k] = venn_element_get(d->og->data[i], value->dtype, (size_t)k);
        d->ref.x[i] = d->x[i];
        if (d->og->differentiable >> i & 1)
            d->ref.dx[i] = new_array(d, value->count);
        if ((venn_node_updates(d->n) >> i & 1) && !(d->ref.updated[i] = new_array(d, value->count)))
            return false;
    }
    return true;
}

static bool init_outputs(differ *d)
{
    for (int o = 0; o < d->n->n_out; o++) {
        int64_t count = d->n->out[o]->count;
        d->ref.y[o] = new_array(d, count);
        d->high[o] = new_array(d, count);
        d->shifted.y[o] = new_array(d, count);
        if (!d->ref.y[o] || !d->high[o] || !d->shifted.y[o])
            return false;
        if (!d->og->r[o].id)
            continue;
        double *dy = new_array(d, count);
        if (!dy)
            return false;
        for (int64_t k = 0; k < count; k++)
            dy[k] = venn_element_get(d->og->weight[o], d->n->out[o]->dtype, (size_t)k);
        d->ref.dy[o] = dy;
    }
    return true;
}

static bool init(differ *d)
{
    d->ref.node = d->n;
    if (!init_inputs(d) || !init_outputs(d))
        return false;
    d->shifted.node = d->n;
    memcpy(d->shifted.x, d->ref.x, sizeof d->ref.x);
    memcpy(d->shifted.updated, d->ref.updated, sizeof d->ref.updated);
    d->n->op->ref(&d->ref);
    d->n->op->ref_grad(&d->ref);
    return true;
}

// (L(x + h) - L(x - h)) / 2h, summed from the differences of the outputs, so that outputs that do not
// move add no rounding errors.
static double slope(differ *d, int i, int64_t k, double h)
{
    const double x = d->x[i][k];
    const double above = x + h, below = x - h;
    double sum = 0;
    d->x[i][k] = above;
    d->n->op->ref(&d->shifted);
    for (int o = 0; o < d->n->n_out; o++)
        memcpy(d->high[o], d->shifted.y[o], (size_t)d->n->out[o]->count * sizeof(double));
    d->x[i][k] = below;
    d->n->op->ref(&d->shifted);
    d->x[i][k] = x;
    for (int o = 0; o < d->n->n_out; o++)
        for (int64_t e = 0; d->ref.dy[o] && e < d->n->out[o]->count; e++)
            sum += d->ref.dy[o][e] * (d->high[o][e] - d->shifted.y[o][e]);
    return sum / (above - below);
}

static double largest(const double *values, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void check_element(differ *d, int i, int64_t k, double scale)
{
    const double want = d->ref.dx[i][k];
    const double step = 1e-5 * fmax(1, fabs(d->x[i][k]));
    const double allowed = TOLERANCE * (fabs(want) + scale + 1e-6);
    double got = slope(d, i, k, step);
    double error = fabs(got - want) / allowed;
    if (!(error <= 1)) {
        got = slope(d, i, k, step / 64);
        error = fabs(got - want) / allowed;
    }
    if (error > d->result->worst)
        d->result->worst = error;
    if (!(error <= 1) && !d->result->failed) {
        d->result->failed = true;
        snprintf(d->result->message, sizeof d->result->message,
                 "ref_grad, operand %s element %lld: %.9g, finite difference of ref %.9g",
                 venn_case_input(d->n->op, i)->name, (long long)k, want, got);
    }
}

// Keeps one case near 10^7 operations of the reference. Large ones are left to the device: an op's
// formula is the same in its small cases.
static int64_t elements_to_check(const venn_node *n, int64_t count)
{
    venn_cost cost = {0};
    if (n->op->cost)
        n->op->cost(n, &cost);
    if (cost.flops > 1e7)
        return 0;
    int64_t elements = (int64_t)(1e7 / (cost.flops + (double)count + 1));
    elements = elements < 2 ? 2 : elements > 24 ? 24 : elements;
    return elements < count ? elements : count;
}

static void check_operand(differ *d, int i)
{
    int64_t count = d->n->in[i]->count;
    int64_t chosen = elements_to_check(d->n, count);
    double scale = largest(d->ref.dx[i], count);
    venn_rng rng = venn_rng_make(d->og->c->seed, 0, CHOICE_STREAM + (uint32_t)i);
    for (int64_t e = 0; e < chosen; e++)
        check_element(d, i, chosen == count ? e : venn_rng_below(&rng, (uint32_t)count), scale);
}

venn_status venn_finite_difference(const op_graph *og, fd_result *result)
{
    differ d = {.og = og, .n = og->node, .result = result};
    *result = (fd_result){0};
    venn_status status = init(&d) ? VENN_OK : VENN_NO_MEMORY;
    for (int i = 0; status == VENN_OK && i < d.n->n_in; i++)
        if (og->differentiable >> i & 1)
            check_operand(&d, i);
    venn_arena_finish(&d.arena);
    return status;
}

#include <math.h>
#include <string.h>

#include "bench/case_error.h"
#include "kernel/kernel.h"

typedef struct op_tolerance {
    const char *op;
    double y, dx, floor;
} op_tolerance;

static const op_tolerance tolerances[] = {
#define OP_TOLERANCE(op, y, dx, floor, reason) {#op, y, dx, floor},
#define HALF_TOLERANCE(op, y, dx, reason)
#include "../tests/tolerances.def"
    {NULL, 4, 4, 0}};

// In steps of the operands' type.
static const op_tolerance half_tolerances[] = {
#define OP_TOLERANCE(op, y, dx, floor, reason)
#define HALF_TOLERANCE(op, y, dx, reason) {#op, y, dx, 0},
#include "../tests/tolerances.def"
    {NULL, 0, 4, 0}};

// The row of that op, or the last one.
static const op_tolerance *find_tolerance(const op_tolerance *t, const char *op)
{
    while (t->op && strcmp(t->op, op) != 0)
        t++;
    return t;
}

double venn_error_rms(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i] * values[i];
    return count ? sqrt(sum / (double)count) : 0;
}

// The length of the sum behind one of `count` elements that node n, or its gradient, computes.
static double sum_length(const venn_node *n, int64_t count)
{
    venn_cost cost = {0};
    if (n->op->cost)
        n->op->cost(n, &cost);
    double most = cost.flops / 2;
    for (int i = 0; i < n->n_in; i++)
        most = fmax(most, n->in[i] ? (double)n->in[i]->count : 0);
    for (int o = 0; o < n->n_out; o++)
        most = fmax(most, (double)n->out[o]->count);
    return count ? fmax(1, most / (double)count) : 1;
}

// want, as `dtype` stores it.
static double stored(double want, venn_dtype dtype)
{
    const float value = (float)want;
    uint16_t bits;
    if (dtype != VENN_F16 && dtype != VENN_BF16)
        return (double)value;
    venn_floats_convert(&bits, dtype, &value, VENN_F32, 1);
    return venn_element_get(&bits, dtype, 0);
}

// The most that storing as `dtype` changes a number, relative to it.
static double half_step(venn_dtype dtype)
{
    return dtype == VENN_F16 ? ldexp(1, -11) : dtype == VENN_BF16 ? ldexp(1, -8) : 0;
}

// Of the coarsest type among the operands.
static double operand_step(const venn_case *c)
{
    double most = 0;
    for (int i = 0; i < c->n_in; i++)
        if (c->present[i])
            most = fmax(most, half_step(c->dtype[i]));
    return most;
}

// What the op's way of computing on this device makes of rounding errors.
static double rounding_of(const op_graph *og, bool is_gradient)
{
    venn_kernels *kernels;
    if (!og->c->op->rounding || venn_kernels_of(og->device, &kernels) < 0)
        return 1;
    return og->c->op->rounding(venn_kernels_profile(kernels), og->node, is_gradient);
}

venn_error_bound venn_error_bound_of(const op_graph *og, bool is_gradient, const venn_value *value,
                                     const double *want, double sensitivity)
{
    const op_tolerance *t = find_tolerance(tolerances, og->c->op->name);
    const op_tolerance *half = find_tolerance(half_tolerances, og->c->op->name);
    const double units = (is_gradient ? t->dx : t->y) * rounding_of(og, is_gradient);
    venn_error_bound bound = {.dtype = value->dtype,
                              .exact = units == 0 || !venn_dtype_is_float(value->dtype),
                              .own = half_step(value->dtype)};
    bound.relative = ldexp(units, -24) * sqrt(sum_length(og->node, value->count));
    bound.relative += (is_gradient ? half->dx : half->y) * operand_step(og->c);
    bound.scale = fmax(venn_error_rms(want, value->count), t->floor) + sensitivity;
    return bound;
}

double venn_error_in(const venn_error_bound *bound, double got, double want)
{
    if (got == stored(want, bound->dtype))
        return 0;
    if (bound->exact || !isfinite(got) || !isfinite(want))
        return INFINITY;
    const double least = bound->dtype == VENN_F16 ? ldexp(1, -25) : 1e-37;
    const double allowed =
        bound->relative * (fabs(want) + bound->scale) + bound->own * fabs(want) + least;
    return fabs(got - want) / allowed;
}

// Plans and launches reductions in stages (see reduce.h).
#define VENN_HOST
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ops/broadcast.h"
#include "ops/divisor.h"
#include "ops/reduce.h"
#include "ops/view.h"
#include "reduce.comp"

enum { MAX_STAGES = 16, GROUP = 64 };

typedef struct stage {
    bool shuffle; // rows: a subgroup makes a result; else an invocation does
    int64_t outer, length, columns, chunk, chunks;
} stage;

typedef struct reduce_plan {
    int n;
    stage stages[MAX_STAGES];
    int64_t workspace; // elements for the results between stages
} reduce_plan;

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

static int64_t workgroup(const venn_profile *p)
{
    int64_t group = p->subgroup_size > GROUP ? p->subgroup_size : GROUP;
    return group < p->max_workgroup_size ? group : p->max_workgroup_size;
}

// Terms per result: few enough to keep the device busy, at least so many that a further stage pays.
static int64_t choose_chunk(const venn_profile *p, const stage *s)
{
    const int64_t lanes = s->columns > 1 ? s->columns % 4 ? s->columns : s->columns / 4
                          : s->shuffle   ? p->subgroup_size
                                         : 1;
    const int64_t wanted = (int64_t)p->parallelism * workgroup(p);
    const int64_t share = s->outer * s->length * lanes / wanted;
    // Loops run chunk / 4 times at most in rows, chunk / 8 + 7 in columns.
    const int64_t low = s->columns > 1 ? 256 : s->shuffle ? 4096 : 512;
    return clamp(ceil_div(share, 16) * 16, low, 16384);
}

static int64_t add_stage(const venn_profile *p, reduce_plan *plan, int64_t outer, int64_t length,
                         int64_t columns)
{
    stage *s = &plan->stages[plan->n++];
    *s = (stage){.outer = outer, .length = length, .columns = columns};
    s->shuffle = columns == 1 && p->subgroup_shuffle && length >= 4 * (int64_t)p->subgroup_size;
    s->chunk = choose_chunk(p, s);
    s->chunks = ceil_div(length, s->chunk);
    plan->workspace += ceil_div(outer * s->chunks * columns, 4) * 4;
    return s->chunks;
}

static void add_run(const venn_profile *p, reduce_plan *plan, int64_t outer, int64_t length,
                    int64_t columns)
{
    while (length > 1 && plan->n < MAX_STAGES)
        length = add_stage(p, plan, outer, length, columns);
}

// The runs of x's axes, innermost first; what is inside of a run is kept, or reduced already.
static reduce_plan make_plan(const venn_profile *p, const venn_shape *x, uint32_t axes)
{
    reduce_plan plan = {0};
    int64_t columns = 1, length = 1, outer = venn_shape_count(x);
    for (int axis = x->rank - 1; axis >= 0; axis--) {
        bool reduced = axes >> axis & 1;
        outer /= x->dim[axis];
        if (reduced) {
            length *= x->dim[axis];
            continue;
        }
        if (x->dim[axis] != 1) {
            add_run(p, &plan, outer * x->dim[axis], length, columns);
            length = 1;
        }
        columns *= x->dim[axis];
    }
    add_run(p, &plan, outer, length, columns);
    return plan;
}

static void record_stage(venn_recorder *r, venn_fold op, const stage *s, venn_bind x,
                         int64_t x_offset, venn_bind y, int64_t y_offset, float factor)
{
    const venn_profile *p = venn_recorder_profile(r);
    const int64_t group = workgroup(p);
    const bool rows = s->columns == 1;
    const bool vec = rows ? s->length % 4 == 0 || s->outer == 1 : s->columns % 4 == 0;
    const int64_t columns = vec && !rows ? s->columns / 4 : s->columns;
    const int64_t lanes = s->shuffle ? p->subgroup_size : 1;
    const int64_t units = s->outer * s->chunks * columns;
    venn_push_reduce push = {.units = (uint32_t)units,
                             .length = (uint32_t)s->length,
                             .chunk = (uint32_t)s->chunk,
                             .columns = (uint32_t)columns,
                             .x_offset = (uint32_t)x_offset,
                             .y_offset = (uint32_t)y_offset,
                             .factor = factor};
    venn_divisor(s->chunks, push.divisor);
    venn_divisor(columns, push.divisor + 3);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "reduce.%s%s%s", rows ? "rows" : "columns",
             s->shuffle ? ".shuffle" : "", p->texel_loads ? ".texel" : "");
    venn_dispatch d = {.kernel = kernel,
                       .spec = {(uint32_t)group, vec, op},
                       .n_spec = 3,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {x, y},
                       .n_bind = 2};
    // Each unit: all terms of a chunk, one or four at a time, then the shuffles (subgroups have at
    // most 128 lanes). Groups are as many as units need, so an invocation sees one unit unless the
    // subgroup is larger than reported.
    d.trips = rows ? (uint64_t)(1 + s->chunk / (vec ? 4 : 1) / lanes + 16 + 7)
                   : (uint64_t)(s->chunk / 8 + 8);
    venn_groups_linear(r, units * lanes, group, d.groups);
    venn_record_dispatch(r, &d);
}

// What nothing reduces to.
static float identity(venn_fold op)
{
    const float of[] = {0, -INFINITY, INFINITY, 1, 0};
    return of[op];
}

void venn_reduce_record(venn_recorder *r, const venn_node *n, venn_fold op, uint32_t axes,
                        float factor)
{
    const venn_value *x = n->in[0], *y = n->out[0];
    if (y->count == 0)
        return;
    if (x->count == 0) {
        venn_record_fill_value(r, y, identity(op));
        return;
    }
    reduce_plan plan = make_plan(venn_recorder_profile(r), &x->shape, axes);
    if (plan.n == 0 && op == VENN_FOLD_SQUARES)
        add_stage(venn_recorder_profile(r), &plan, x->count, 1, 1);
    if (plan.n == 0) {
        const venn_view same = {.rank = 1, .operands = 1, .dim = {y->count}, .stride = {{1}}};
        venn_view_gather(r, n, &same);
    }
    int64_t from = 0, to = 0;
    for (int i = 0; i < plan.n; i++) {
        const stage *s = &plan.stages[i];
        bool last = i == plan.n - 1;
        venn_bind in = {i ? n->workspace : x, VENN_READ};
        venn_bind out = {last ? y : n->workspace, VENN_WRITE};
        record_stage(r, i && op == VENN_FOLD_SQUARES ? VENN_FOLD_SUM : op, s, in, from, out,
                     last ? 0 : to, last ? factor : 1.0f);
        from = to;
        to += ceil_div(s->outer * s->chunks * s->columns, 4) * 4;
    }
}

uint64_t venn_reduce_workspace(const venn_profile *profile, const venn_node *n, uint32_t axes)
{
    if (n->in[0]->count == 0)
        return 0;
    const reduce_plan plan = make_plan(profile, &n->in[0]->shape, axes);
    return plan.n > 1 ? (uint64_t)plan.workspace * 4 : 0;
}

venn_shape venn_reduce_kept(const venn_shape *x, uint32_t axes)
{
    venn_shape kept = *x;
    for (int axis = 0; axis < x->rank; axis++)
        if (axes >> axis & 1)
            kept.dim[axis] = 1;
    return kept;
}

static double join(venn_fold op, double a, double b)
{
    switch (op) {
    case VENN_FOLD_SUM:
        return a + b;
    case VENN_FOLD_MAX:
        return isnan(a) || a > b ? a : b;
    case VENN_FOLD_MIN:
        return isnan(a) || a < b ? a : b;
    case VENN_FOLD_SQUARES:
        return a + b * b;
    default:
        return a * b;
    }
}

void venn_reduce_ref(venn_fold op, const venn_shape *x_shape, const venn_shape *kept,
                     const double *x, double *y)
{
    for (int64_t i = 0; i < venn_shape_count(kept); i++)
        y[i] = (double)identity(op);
    for (int64_t e = 0; e < venn_shape_count(x_shape); e++) {
        const int64_t i = venn_broadcast_index(kept, x_shape, e);
        y[i] = join(op, y[i], x[e]);
    }
}

void venn_reduce_ref_grad(const venn_shape *x_shape, const venn_shape *kept, const double *dy,
                          double factor, double *dx)
{
    for (int64_t e = 0; e < venn_shape_count(x_shape); e++)
        dx[e] += factor * dy[venn_broadcast_index(kept, x_shape, e)];
}

void venn_reduce_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

// cumsum: y = sum of x up to this element along an axis, or from this element on
//         dx = sum of dy from this element on, or up to it
//
// A line is cut into chunks, one for each invocation. Where there are several, their totals are summed up
// first, which is the same task at a fraction of the length, and so on: level l + 1 holds level l's totals.
#include "ops/divisor.h"
#include "graph/op.h"
#include "venn/ops.h"

#define VENN_HOST
#include "cumsum.comp"

// MAX_LEVELS: CHUNK^4 is beyond the largest extent.
enum { CHUNK = 256, MAX_LEVELS = 4 };

typedef struct cumsum_params {
    int32_t axis;
    bool reverse;
} cumsum_params;

// Where a level's totals and their cumulative sums stand in the workspace.
typedef struct level {
    int64_t length, totals, sums;
} level;

typedef struct scan {
    int64_t outer, inner;
    bool reverse;
    int n;
    level levels[MAX_LEVELS]; // 0: x and y
    int64_t workspace;        // elements
} scan;

static const cumsum_params *params_of(const venn_node *n)
{
    return n->params;
}

static int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static int axis_of(const venn_node *n)
{
    return params_of(n)->axis + (params_of(n)->axis < 0 ? n->in[0]->shape.rank : 0);
}

static scan scan_of(const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    scan s = {.outer = 1, .inner = 1, .reverse = params_of(n)->reverse, .n = 1};
    for (int axis = 0; axis < x->rank; axis++)
        if (axis != axis_of(n))
            *(axis < axis_of(n) ? &s.outer : &s.inner) *= x->dim[axis];
    s.levels[0].length = x->dim[axis_of(n)];
    while (s.n < MAX_LEVELS && s.levels[s.n - 1].length > CHUNK) {
        const int64_t length = ceil_div(s.levels[s.n - 1].length, CHUNK);
        const int64_t size = ceil_div(s.outer * length * s.inner, 4) * 4;
        s.levels[s.n++] = (level){length, s.workspace, s.workspace + size};
        s.workspace += 2 * size;
    }
    return s;
}

static bool shape(venn_node *n)
{
    if (axis_of(n) < 0 || axis_of(n) >= n->in[0]->shape.rank)
        return venn_node_error(n, "axis %d is none of x", (int)params_of(n)->axis);
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    (void)profile;
    return (uint64_t)scan_of(n).workspace * 4;
}

// Level i's totals into level i + 1, or its cumulative sums out of those of level i + 1.
static void launch(venn_recorder *r, const venn_node *n, const scan *s, int i, bool total)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const level *here = &s->levels[i], *above = &s->levels[i + 1 < s->n ? i + 1 : i];
    const int64_t chunks = ceil_div(here->length, CHUNK);
    const venn_bind x = {i ? n->workspace : n->in[0], VENN_READ};
    const venn_bind y = {i || total ? n->workspace : n->out[0], VENN_WRITE};
    const venn_bind before = {s->n > 1 ? n->workspace : n->in[0], VENN_READ};
    venn_push_cumsum push = {.units = (uint32_t)(s->outer * chunks * s->inner),
                             .length = (uint32_t)here->length,
                             .chunk = CHUNK,
                             .inner = (uint32_t)s->inner,
                             .reverse = i == 0 && s->reverse,
                             .x_offset = (uint32_t)here->totals,
                             .y_offset = (uint32_t)(total ? above->totals : here->sums),
                             .b_offset = (uint32_t)above->sums};
    venn_divisor(chunks, push.divisor);
    venn_divisor(s->inner, push.divisor + 3);
    const char *const kernels[] = {"cumsum.scan", "cumsum.scan.texel", "cumsum.total",
                                   "cumsum.total.texel"};
    venn_dispatch d = {.kernel = kernels[2 * total + profile->texel_loads],
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {x, total ? y : before, y},
                       .n_bind = total ? 2 : 3,
                       .trips = CHUNK};
    venn_groups_linear(r, push.units, profile->elementwise_group, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const scan s = scan_of(n);
    for (int i = 0; i + 1 < s.n; i++)
        launch(r, n, &s, i, true);
    for (int i = s.n - 1; i >= 0; i--)
        launch(r, n, &s, i, false);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_cumsum(g, dy[0], params_of(n)->axis, !params_of(n)->reverse);
}

static void sum_up(const venn_node *n, bool reverse, const double *x, double *y)
{
    const scan s = scan_of(n);
    const int64_t length = s.levels[0].length;
    for (int64_t line = 0; line < s.outer * s.inner; line++) {
        double sum = 0;
        for (int64_t k = 0; k < length; k++) {
            const int64_t place = reverse ? length - 1 - k : k;
            const int64_t e = (line / s.inner * length + place) * s.inner + line % s.inner;
            y[e] = sum += x[e];
        }
    }
}

static void ref(const venn_ref *r)
{
    sum_up(r->node, params_of(r->node)->reverse, r->x[0], r->y[0]);
}

static void ref_grad(const venn_ref *r)
{
    sum_up(r->node, !params_of(r->node)->reverse, r->dy[0], r->dx[0]);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)n->in[0]->count;
    cost->bytes = 8.0 * (double)n->in[0]->count;
}

static const venn_param_def params[] = {{"axis", VENN_PARAM_INT, offsetof(cumsum_params, axis), 1,
                                         NULL, "the axis; negative: from the last"},
                                        {"reverse", VENN_PARAM_BOOL,
                                         offsetof(cumsum_params, reverse), 1, NULL,
                                         "sum from this element on; 0: up to it"},
                                        {0}};

const venn_op_desc venn_op_cumsum = {
    .name = "cumsum",
    .summary = "y = sum of x up to this element along an axis",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(cumsum_params),
    .params = params,
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_cumsum(venn_graph *g, venn_tensor x, int axis, bool reverse)
{
    const cumsum_params p = {axis, reverse};
    return venn_op_apply(g, &venn_op_cumsum, &x, 1, &p, NULL);
}

// Nodes, launches and references of resampling (see resample.h).
#include <math.h>
#include <stdio.h>

#include "ops/divisor.h"
#include "ops/resample.h"
#include "venn/ops.h"

#define VENN_HOST
#include "resample.comp"
#undef VENN_HOST

enum { GROUP = 64, LONG_SUM = 32 };

// ---- Axes: position d of y lies at (d a + b) / q of x -------------------------------------------

typedef struct axis_rule {
    int64_t a, b, q;
} axis_rule;

static axis_rule rule_of(const venn_resample *p, int axis)
{
    const int64_t in = p->x[axis], out = p->y[axis];
    switch (p->kind) {
    case VENN_RESAMPLE_NEAREST:
    case VENN_RESAMPLE_AREA:
        return (axis_rule){in, 0, out};
    case VENN_RESAMPLE_LINEAR:
        return (axis_rule){2 * in, in - out, 2 * out};
    case VENN_RESAMPLE_CORNERS:
        return (axis_rule){out > 1 ? in - 1 : 0, 0, out > 1 ? out - 1 : 1};
    default:
        return (axis_rule){1, -p->before[axis], 1};
    }
}

static int64_t at_most(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Whole steps of `step` that an interval of `length` can touch.
static int64_t touched(int64_t length, int64_t step)
{
    return length % step == 0 ? length / step : length / step + 2;
}

// The most terms of a sum along an axis.
static int64_t longest(const venn_resample *p, int axis, bool backward)
{
    const axis_rule r = rule_of(p, axis);
    const int64_t in = p->x[axis], out = p->y[axis], after = out - in - p->before[axis];
    switch (p->kind) {
    case VENN_RESAMPLE_NEAREST:
        return backward ? at_most(out, touched(r.q, r.a)) : 1;
    case VENN_RESAMPLE_AREA:
        return backward ? at_most(out, touched(r.q, r.a)) : at_most(in, touched(r.a, r.q));
    case VENN_RESAMPLE_LINEAR:
    case VENN_RESAMPLE_CORNERS:
        if (!backward)
            return at_most(in, 2);
        return in == 1 ? out : at_most(out, 2 * r.q / (r.a ? r.a : 1) + 2);
    case VENN_RESAMPLE_REPLICATE:
        return !backward ? 1
               : in == 1 ? out
                         : 1 + (after > p->before[axis] ? after : p->before[axis]);
    case VENN_RESAMPLE_ZERO:
        return 1;
    default:
        return backward ? 3 : 1;
    }
}

static bool fits_words(const venn_resample *p)
{
    for (int i = 0; i < 2; i++)
        if (p->x[i] > INT32_MAX / 4 || p->y[i] > INT32_MAX / 4 || p->x[i] * p->y[i] > INT32_MAX / 4)
            return p->kind >= VENN_RESAMPLE_ZERO;
    return true;
}

venn_resample venn_resample_to(const venn_node *n, venn_resample_kind kind, const int32_t size[2])
{
    const int64_t *x = n->in[0]->shape.dim;
    venn_resample p = {.kind = kind, .outer = {x[0], x[1]}, .x = {x[2], x[3]}};
    for (int i = 0; i < 2; i++)
        p.y[i] = size[i] ? size[i] : p.x[i];
    return p;
}

bool venn_resample_check(venn_node *n, const int32_t size[2])
{
    const venn_shape *x = &n->in[0]->shape;
    if (x->rank != 4 || x->dim[2] < 1 || x->dim[3] < 1)
        return venn_node_error(n, "x must be [B, C, H, W] with H, W of at least 1");
    if (size[0] < 0 || size[1] < 0)
        return venn_node_error(n, "size=%d,%d must not be negative", (int)size[0], (int)size[1]);
    return true;
}

bool venn_resample_shape(venn_node *n, venn_resample p)
{
    if (!fits_words(&p))
        return venn_node_error(n, "an axis and its new size multiply to more than 2^29");
    const int64_t y[] = {p.outer[0], p.outer[1], p.y[0], p.y[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(y, 4));
    return true;
}

// ---- Nodes: params are the venn_resample --------------------------------------------------------

void venn_resample_launch(venn_recorder *r, const venn_node *n, const char *stem, bool backward)
{
    const venn_resample *p = n->params;
    const int64_t *grid = backward ? p->x : p->y, count = n->out[0]->count;
    const bool texel = venn_recorder_profile(r)->texel_loads;
    venn_push_resample push = {.count = (uint32_t)count};
    if (count == 0)
        return;
    venn_divisor(grid[1], &push.divisor[0]);
    venn_divisor(grid[0] * grid[1], &push.divisor[3]);
    for (int axis = 0; axis < 2; axis++) {
        const axis_rule rule = rule_of(p, axis);
        push.most[axis] = (uint32_t)longest(p, axis, backward);
        push.extent_x[axis] = (uint32_t)p->x[axis];
        push.extent_y[axis] = (uint32_t)p->y[axis];
        push.origin[axis] = (uint32_t)(int32_t)rule.b;
        venn_divisor(rule.q, &push.divisor[6 + 3 * axis]);
        venn_divisor(rule.a, &push.divisor[12 + 3 * axis]);
    }
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s.%s%s", stem, backward ? "backward" : "forward",
             texel ? ".texel" : "");
    venn_dispatch d = {.kernel = kernel,
                       .spec = {GROUP, p->kind},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .trips = (uint64_t)push.most[0] * (push.most[1] + 1)};
    for (int i = 0; i < n->n_in; i++)
        d.bind[d.n_bind++] = (venn_bind){n->in[i], VENN_READ};
    for (int i = 0; i < n->n_out; i++)
        d.bind[d.n_bind++] = (venn_bind){n->out[i], VENN_WRITE};
    venn_groups_linear(r, count, 4 * GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

static bool forward_shape(venn_node *n)
{
    const venn_resample *p = n->params;
    return venn_resample_shape(n, *p);
}

static void forward_record(venn_recorder *r, const venn_node *n)
{
    venn_resample_launch(r, n, "resample", false);
}

static bool backward_shape(venn_node *n)
{
    const venn_resample *p = n->params;
    const int64_t x[] = {p->outer[0], p->outer[1], p->x[0], p->x[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(x, 4));
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    venn_resample_launch(r, n, "resample", true);
}

static void node_cost(const venn_node *n, venn_cost *cost)
{
    const venn_resample *p = n->params;
    venn_resample_cost(*p, cost);
}

static const venn_op_desc backward = {.name = "resample.backward",
                                      .summary = "dx = dy, weighed as x was",
                                      .inputs = {{"dy"}},
                                      .n_inputs = 1,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_resample),
                                      .shape = backward_shape,
                                      .record = backward_record,
                                      .cost = node_cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_op_apply(g, &backward, dy, 1, n->params, NULL);
}

static const venn_op_desc forward = {.name = "resample",
                                     .summary = "y = x at other positions",
                                     .inputs = {{"x"}},
                                     .n_inputs = 1,
                                     .n_outputs = 1,
                                     .params_size = sizeof(venn_resample),
                                     .shape = forward_shape,
                                     .record = forward_record,
                                     .gradient = gradient,
                                     .cost = node_cost};

static bool is_long(const venn_resample *p, bool back)
{
    const int64_t down = longest(p, 0, back), across = longest(p, 1, back);
    return down > 1 && across > 1 && down * across > LONG_SUM;
}

int venn_resample_split(venn_resample p, int first, venn_resample part[2])
{
    part[0] = part[1] = p;
    if (!is_long(&p, false) && !is_long(&p, true))
        return 1;
    part[0].y[!first] = p.x[!first];
    part[0].before[!first] = 0;
    part[1].x[first] = p.y[first];
    part[1].before[first] = 0;
    return 2;
}

venn_tensor venn_resample_apply(venn_graph *g, venn_tensor x, venn_resample p)
{
    if (p.kind == VENN_RESAMPLE_AREA && p.y[0] == 1 && p.y[1] == 1)
        return venn_reshape(g, venn_global_avg_pool(g, x),
                            VENN_SHAPE(p.outer[0], p.outer[1], 1, 1));
    // The axis that shrinks most goes first.
    const int first = p.y[0] * p.x[1] < p.y[1] * p.x[0] ? 0 : 1;
    venn_resample part[2];
    const int n = venn_resample_split(p, first, part);
    for (int i = 0; i < n; i++)
        x = venn_op_apply(g, &forward, &x, 1, &part[i], NULL);
    return x;
}

void venn_resample_cost(venn_resample p, venn_cost *cost)
{
    const double planes = (double)(p.outer[0] * p.outer[1]), out = (double)(p.y[0] * p.y[1]);
    const bool sums = p.kind >= VENN_RESAMPLE_LINEAR && p.kind <= VENN_RESAMPLE_AREA;
    const double terms = (double)(longest(&p, 0, false) * longest(&p, 1, false));
    cost->flops = sums ? 2 * planes * out * terms : 0;
    cost->bytes = 4 * planes * (out + (double)(p.x[0] * p.x[1]));
}

// ---- Reference -------------------------------------------------------------------------------

int64_t venn_resample_border(venn_resample_kind kind, int64_t p, int64_t n)
{
    switch (kind) {
    case VENN_RESAMPLE_REFLECT:
        return p < 0 ? -p : p >= n ? 2 * (n - 1) - p : p;
    case VENN_RESAMPLE_SYMMETRIC:
        return p < 0 ? -p - 1 : p >= n ? 2 * n - p - 1 : p;
    case VENN_RESAMPLE_REPLICATE:
        return p < 0 ? 0 : p >= n ? n - 1 : p;
    default:
        return p;
    }
}

// The weight of position s of x in position d of y.
static double weight(const venn_resample *p, int axis, int64_t d, int64_t s)
{
    const int64_t in = p->x[axis], out = p->y[axis];
    const double step = (double)in / (double)out, inner = (double)(in - 1);
    double at = out > 1 ? (double)d * inner / (double)(out - 1) : 0;
    switch (p->kind) {
    case VENN_RESAMPLE_NEAREST:
        return d * in / out == s;
    case VENN_RESAMPLE_AREA: {
        const int64_t start = d * in / out, end = ((d + 1) * in + out - 1) / out;
        return s >= start && s < end ? 1 / (double)(end - start) : 0;
    }
    case VENN_RESAMPLE_LINEAR:
        at = fmin(fmax(((double)d + 0.5) * step - 0.5, 0), inner);
        // fall through
    case VENN_RESAMPLE_CORNERS:
        return fmax(0, 1 - fabs(at - (double)s));
    default:
        return venn_resample_border(p->kind, d - p->before[axis], in) == s;
    }
}

// The positions of x that weigh in position d of y lie in [first, end).
static void support(const venn_resample *p, int axis, int64_t d, int64_t *first, int64_t *end)
{
    const int64_t in = p->x[axis], out = p->y[axis];
    *first = d * in / out - 2;
    *end = ((d + 1) * in + out - 1) / out + 2;
    if (p->kind >= VENN_RESAMPLE_ZERO) {
        *first = venn_resample_border(p->kind, d - p->before[axis], in);
        *end = *first + 1;
    }
    while (*first < *end && (*first < 0 || *first >= in || weight(p, axis, d, *first) == 0))
        ++*first;
    while (*first < *end && (*end > in || weight(p, axis, d, *end - 1) == 0))
        --*end;
}

typedef void (*pair_fn)(const venn_ref *r, int64_t ix, int64_t iy, double weight);

// Calls fn for all of x that weighs in (h, w) of the planes of y.
static void each_position(const venn_ref *r, const venn_resample *p, int64_t h, int64_t w,
                          pair_fn fn)
{
    int64_t top, bottom, left, right;
    support(p, 0, h, &top, &bottom);
    support(p, 1, w, &left, &right);
    for (int64_t plane = 0; plane < p->outer[0] * p->outer[1]; plane++)
        for (int64_t i = top; i < bottom; i++)
            for (int64_t j = left; j < right; j++)
                fn(r, (plane * p->x[0] + i) * p->x[1] + j, (plane * p->y[0] + h) * p->y[1] + w,
                   weight(p, 0, h, i) * weight(p, 1, w, j));
}

static void add_forward(const venn_ref *r, int64_t ix, int64_t iy, double weight)
{
    r->y[0][iy] += weight * r->x[0][ix];
}

static void add_gradient(const venn_ref *r, int64_t ix, int64_t iy, double weight)
{
    r->dx[0][ix] += weight * r->dy[0][iy];
}

static void each_pair(const venn_ref *r, const venn_resample *p, pair_fn fn)
{
    for (int64_t h = 0; h < p->y[0]; h++)
        for (int64_t w = 0; w < p->y[1]; w++)
            each_position(r, p, h, w, fn);
}

void venn_resample_ref(const venn_ref *r, venn_resample p)
{
    for (int64_t i = 0; i < r->node->out[0]->count; i++)
        r->y[0][i] = 0;
    each_pair(r, &p, add_forward);
}

void venn_resample_ref_grad(const venn_ref *r, venn_resample p)
{
    each_pair(r, &p, add_gradient);
}

// Ops of rows in order (see sorting.h).
#include <math.h>
#include <stdlib.h>

#include "ops/divisor.h"
#include "ops/sorting.h"

#define VENN_HOST
#include "sorting.comp"

static int axis_of(const venn_node *n)
{
    const int axis = ((const venn_sorting_params *)n->params)->axis;
    return axis < 0 ? axis + n->in[0]->shape.rank : axis;
}

static int64_t keep_of(const venn_node *n, bool all, int64_t length)
{
    const int32_t k = ((const venn_sorting_params *)n->params)->k;
    return all ? length : k ? k : 1;
}

bool venn_sorting_read(venn_node *n, bool all)
{
    const venn_shape *x = &n->in[0]->shape;
    const int axis = axis_of(n);
    if (axis < 0 || axis >= x->rank)
        return venn_node_error(n, "axis %d is none of x",
                               (int)((const venn_sorting_params *)n->params)->axis);
    const int64_t keep = keep_of(n, all, x->dim[axis]);
    if (keep < 0 || keep > x->dim[axis])
        return venn_node_error(n, "k = %lld is not in 1 .. the extent of axis %d", (long long)keep,
                               axis);
    return true;
}

venn_sorting venn_sorting_of(const venn_node *n, bool all)
{
    const venn_shape *x = &n->in[0]->shape;
    const int axis = axis_of(n);
    venn_sorting s = {.outer = 1,
                      .length = x->dim[axis],
                      .inner = 1,
                      .descending = ((const venn_sorting_params *)n->params)->descending};
    for (int i = 0; i < x->rank; i++)
        *(i < axis ? &s.outer : &s.inner) *= i == axis ? 1 : x->dim[i];
    s.keep = keep_of(n, all, s.length);
    return s;
}

// ---- Launches ----------------------------------------------------------------------------------

venn_order venn_sorting_order(const venn_sorting *s)
{
    venn_order order = venn_order_whole(s->outer, s->length, s->inner);
    order.descending = s->descending;
    order.keep = s->keep;
    return order;
}

uint64_t venn_sorting_workspace(const venn_sorting *s)
{
    const venn_order order = venn_sorting_order(s);
    return venn_order_workspace(&order);
}

static venn_push_sorting push_of(const venn_sorting *s, venn_ordered sorted)
{
    venn_push_sorting push = {.count = (uint32_t)(s->outer * s->keep * s->inner),
                              .length = (uint32_t)s->length,
                              .inner = (uint32_t)s->inner,
                              .places = sorted.places};
    venn_divisor(s->inner, push.divisor);
    venn_divisor(s->keep, push.divisor + 3);
    return push;
}

static void launch(venn_recorder *r, const char *kernel, const venn_push_sorting *push,
                   const venn_bind *bind, int n_bind, int64_t each)
{
    const venn_profile *profile = venn_recorder_profile(r);
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group},
                       .n_spec = 1,
                       .push = push,
                       .push_size = sizeof *push,
                       .n_bind = n_bind};
    for (int i = 0; i < n_bind; i++)
        d.bind[i] = bind[i];
    venn_groups_linear(r, push->count, profile->elementwise_group * each, d.groups);
    venn_record_dispatch(r, &d);
}

void venn_sorting_record(venn_recorder *r, const venn_node *n, const venn_sorting *s,
                         const venn_value *x, const venn_value *values, const venn_value *places)
{
    const bool texel = venn_recorder_profile(r)->texel_loads;
    const venn_order order = venn_sorting_order(s);
    const venn_push_sorting push = push_of(s, venn_order_record(r, n, &order, x));
    const venn_bind sorted = {n->workspace, VENN_READ}, index = {places, VENN_WRITE};
    if (values)
        launch(r, texel ? "sorting.values.texel" : "sorting.values", &push,
               (venn_bind[]){{x, VENN_READ}, sorted, index, {values, VENN_WRITE}}, 4, 4);
    else
        launch(r, "sorting.places", &push, (venn_bind[]){sorted, index}, 2, 4);
}

void venn_sorting_cost(const venn_node *n, venn_cost *cost)
{
    const double count = (double)n->in[0]->count;
    cost->flops = count * log2(count + 2);
    cost->bytes = 4.0 * count;
    for (int o = 0; o < n->n_out; o++)
        cost->bytes += 4.0 * (double)n->out[o]->count;
}

// ---- The gradient of the values ----------------------------------------------------------------

typedef struct backward_params {
    venn_sorting s;
    venn_shape x;
} backward_params;

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, ((const backward_params *)n->params)->x);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    const bool texel = venn_recorder_profile(r)->texel_loads;
    const venn_sorting *s = &((const backward_params *)n->params)->s;
    const venn_push_sorting push = push_of(s, (venn_ordered){0, 0});
    const venn_bind bind[] = {
        {n->in[0], VENN_READ}, {n->in[1], VENN_READ}, {n->out[0], VENN_WRITE}};
    if (s->keep < s->length)
        venn_record_fill(r, n->out[0], 0);
    launch(r, texel ? "sorting.back.texel" : "sorting.back", &push, bind, 3, 1);
}

static void backward_cost(const venn_node *n, venn_cost *cost)
{
    cost->bytes = 4.0 * (double)(2 * n->in[0]->count + n->out[0]->count);
}

static const venn_op_desc backward = {
    .name = "sorting.backward",
    .summary = "dx = dy where it came from, else 0",
    .inputs = {{"dy"}, {"index", VENN_I32, VENN_INDEX, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = backward_record,
    .cost = backward_cost,
};

venn_tensor venn_sorting_backward(venn_graph *g, const venn_sorting *s, venn_shape x,
                                  venn_tensor dy, venn_tensor places)
{
    backward_params p = {*s, x};
    return venn_op_apply(g, &backward, (venn_tensor[]){dy, places}, 2, &p, NULL);
}

// ---- References --------------------------------------------------------------------------------

typedef struct entry {
    double value;
    int64_t place;
} entry;

// Numbers in order, NaN behind all of them.
static int compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int ascending(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    const int order = compare(p->value, q->value);
    return order ? order : (p->place > q->place) - (p->place < q->place);
}

static int descending(const void *a, const void *b)
{
    const entry *p = a, *q = b;
    const int order = compare(q->value, p->value);
    return order ? order : (p->place > q->place) - (p->place < q->place);
}

int64_t venn_sorting_x(const venn_sorting *s, int64_t row, int64_t place)
{
    return (row / s->inner * s->length + place) * s->inner + row % s->inner;
}

int64_t venn_sorting_y(const venn_sorting *s, int64_t row, int64_t place)
{
    return (row / s->inner * s->keep + place) * s->inner + row % s->inner;
}

void venn_sorting_ref_row(const venn_sorting *s, const double *x, int64_t row, int64_t *places)
{
    entry *entries = malloc(((size_t)s->length + 1) * sizeof *entries);
    if (!entries)
        return;
    for (int64_t i = 0; i < s->length; i++)
        entries[i] = (entry){x[venn_sorting_x(s, row, i)], i};
    qsort(entries, (size_t)s->length, sizeof *entries, s->descending ? descending : ascending);
    for (int64_t i = 0; i < s->length; i++)
        places[i] = entries[i].place;
    free(entries);
}

void venn_sorting_ref(const venn_sorting *s, const double *x, double *values, double *places)
{
    int64_t *order = calloc((size_t)s->length + 1, sizeof *order);
    for (int64_t row = 0; order && row < s->outer * s->inner; row++) {
        venn_sorting_ref_row(s, x, row, order);
        for (int64_t i = 0; i < s->keep; i++) {
            const int64_t to = venn_sorting_y(s, row, i);
            places[to] = (double)order[i];
            if (values)
                values[to] = x[venn_sorting_x(s, row, order[i])];
        }
    }
    free(order);
}

void venn_sorting_ref_grad(const venn_sorting *s, const venn_ref *r)
{
    for (int64_t row = 0; row < s->outer * s->inner; row++)
        for (int64_t i = 0; i < s->keep; i++) {
            const int64_t from = venn_sorting_y(s, row, i);
            r->dx[0][venn_sorting_x(s, row, (int64_t)r->y[1][from])] = r->dy[0][from];
        }
}

// Shapes of what an index names, and reading it (see indexed.h).
#include "ops/divisor.h"
#include "ops/indexed.h"

#define VENN_HOST
#include "indexed.comp"

const venn_param_def venn_indexed_param_defs[] = {
    {"axis", VENN_PARAM_INT, offsetof(venn_indexed_params, axis), 1, NULL,
     "the axis of x that is indexed; negative: from the last"},
    {0}};

// ---- Shapes ------------------------------------------------------------------------------------

static int64_t extents(const venn_shape *s, int from, int to)
{
    int64_t product = 1;
    for (int i = from; i < to; i++)
        product *= s->dim[i];
    return product;
}

static int axis_of(const venn_node *n)
{
    const int axis = ((const venn_indexed_params *)n->params)->axis;
    return axis < 0 ? axis + n->in[0]->shape.rank : axis;
}

venn_indexed venn_indexed_of(const venn_node *n, venn_index_kind kind)
{
    const venn_shape *x = &n->in[0]->shape, *index = &n->in[1]->shape;
    const venn_indexed_params *p = n->params;
    const int axis = axis_of(n);
    venn_indexed ix = {.kind = kind,
                       .skip = p->has_skip ? p->skip : -1,
                       .outer = extents(x, 0, axis),
                       .extent = x->dim[axis],
                       .inner = extents(x, axis + 1, x->rank)};
    ix.count = kind == VENN_INDEX_ELEMENTS ? index->dim[axis]
               : kind == VENN_INDEX_VECTOR ? index->dim[0]
                                           : extents(index, axis, index->rank);
    return ix;
}

// Whether the index fits x at every axis where it must.
static bool fits(const venn_shape *x, const venn_shape *index, int axis, venn_index_kind kind)
{
    if (kind == VENN_INDEX_VECTOR)
        return index->rank == 1;
    if (kind == VENN_INDEX_ROWS ? index->rank < axis : index->rank != x->rank)
        return false;
    for (int i = 0; i < (kind == VENN_INDEX_ROWS ? axis : x->rank); i++)
        if (i != axis && index->dim[i] != x->dim[i])
            return false;
    return true;
}

// x's shape with the axes of the index, but for those before `axis` that both share, in place of one.
static venn_shape named_shape(const venn_shape *x, const venn_shape *index, int axis,
                              venn_index_kind kind)
{
    if (kind == VENN_INDEX_ELEMENTS)
        return *index;
    venn_shape y = {.rank = axis};
    for (int i = 0; i < axis; i++)
        y.dim[i] = x->dim[i];
    for (int i = kind == VENN_INDEX_ROWS ? axis : 0; i < index->rank; i++)
        y.dim[y.rank++] = index->dim[i];
    for (int i = axis + 1; i < x->rank; i++)
        y.dim[y.rank++] = x->dim[i];
    return y;
}

bool venn_indexed_read(venn_node *n, venn_index_kind kind, venn_shape *named)
{
    static const char *const wanted[] = {
        [VENN_INDEX_ELEMENTS] = "index must have x's shape but for the extent at axis %d",
        [VENN_INDEX_VECTOR] = "index must be a vector, for axis %d",
        [VENN_INDEX_ROWS] = "index must begin with x's extents before axis %d"};
    const venn_shape *x = &n->in[0]->shape, *index = &n->in[1]->shape;
    const int axis = axis_of(n);
    if (axis < 0 || axis >= x->rank)
        return venn_node_error(n, "axis %d is none of x",
                               (int)((const venn_indexed_params *)n->params)->axis);
    if (!fits(x, index, axis, kind))
        return venn_node_error(n, wanted[kind], axis);
    if (kind == VENN_INDEX_ROWS && x->rank - 1 + index->rank - axis > VENN_MAX_RANK)
        return venn_node_error(n, "the result would have more than %d axes", VENN_MAX_RANK);
    *named = named_shape(x, index, axis, kind);
    return true;
}

// ---- Reading -----------------------------------------------------------------------------------

bool venn_indexed_in_fours(const venn_indexed *ix)
{
    return ix->kind != VENN_INDEX_ELEMENTS && ix->inner % 4 == 0;
}

bool venn_indexed_shape(venn_node *n, venn_index_kind kind)
{
    venn_shape y;
    if (!venn_indexed_read(n, kind, &y))
        return false;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void set_push(const venn_indexed *ix, int64_t count, int64_t unit, venn_push_indexed *push)
{
    const bool elements = ix->kind == VENN_INDEX_ELEMENTS, vector = ix->kind == VENN_INDEX_VECTOR;
    const int64_t place_step = elements ? ix->inner : 1;
    *push = (venn_push_indexed){.count = (uint32_t)(count / unit),
                                .extent = (uint32_t)ix->extent,
                                .inner = (uint32_t)(ix->inner / unit),
                                .outer_step = vector ? 0 : (uint32_t)(ix->count * place_step),
                                .place_step = (uint32_t)place_step,
                                .inner_step = elements,
                                .skip = (uint32_t)ix->skip};
    venn_divisor(ix->inner / unit, push->divisor);
    venn_divisor(ix->count, push->divisor + 3);
}

void venn_indexed_record(venn_recorder *r, const venn_node *n, venn_index_kind kind)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_indexed ix = venn_indexed_of(n, kind);
    const venn_value *x = n->in[0], *y = n->out[0];
    if (x->count == 0) {
        venn_record_fill(r, y, 0);
        return;
    }
    const bool vec = venn_indexed_in_fours(&ix);
    venn_push_indexed push;
    set_push(&ix, y->count, vec ? 4 : 1, &push);
    venn_dispatch d = {.kernel = profile->texel_loads ? "indexed.forward.texel" : "indexed.forward",
                       .spec = {profile->elementwise_group, vec},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{x, VENN_READ}, {n->in[1], VENN_READ}, {y, VENN_WRITE}},
                       .n_bind = 3};
    venn_groups_linear(r, y->count, (int64_t)profile->elementwise_group * 4, d.groups);
    venn_record_dispatch(r, &d);
}

void venn_indexed_gradient(venn_graph *g, const venn_node *n, venn_index_kind kind,
                           const venn_tensor *dy, venn_tensor *dx)
{
    const venn_indexed ix = venn_indexed_of(n, kind);
    dx[0] = venn_indexed_backward(g, &ix, n->in[0]->shape, venn_in(n, 1), dy[0]);
}

void venn_indexed_cost(const venn_node *n, venn_cost *cost)
{
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += 4.0 * (double)n->in[i]->count;
    cost->bytes += 4.0 * (double)n->out[0]->count;
}

// ---- References --------------------------------------------------------------------------------

int64_t venn_indexed_named(const venn_indexed *ix, const double *index, int64_t e)
{
    const int64_t inner = e % ix->inner, place = e / ix->inner % ix->count;
    const int64_t outer = e / ix->inner / ix->count;
    const double at = index[ix->kind == VENN_INDEX_ELEMENTS ? e
                            : ix->kind == VENN_INDEX_ROWS   ? outer * ix->count + place
                                                            : place];
    if (!(at >= 0 && at < (double)ix->extent) || (int64_t)at == ix->skip)
        return -1;
    return (outer * ix->extent + (int64_t)at) * ix->inner + inner;
}

void venn_indexed_ref(const venn_ref *r, venn_index_kind kind)
{
    const venn_indexed ix = venn_indexed_of(r->node, kind);
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const int64_t from = venn_indexed_named(&ix, r->x[1], e);
        r->y[0][e] = from < 0 ? 0 : r->x[0][from];
    }
}

void venn_indexed_ref_grad(const venn_ref *r, venn_index_kind kind)
{
    const venn_indexed ix = venn_indexed_of(r->node, kind);
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const int64_t from = venn_indexed_named(&ix, r->x[1], e);
        if (from >= 0)
            r->dx[0][from] += r->dy[0][e];
    }
}

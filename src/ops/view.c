// Views and their launch (see view.h).
#define VENN_HOST
#include <stdio.h>
#include <string.h>

#include "ops/divisor.h"
#include "ops/view.h"
#include "view.comp"

venn_view venn_view_broadcast(const venn_shape *y, const venn_shape *const *x, int n)
{
    venn_view view = {.rank = y->rank, .operands = n};
    memcpy(view.dim, y->dim, sizeof view.dim);
    for (int o = 0; o < n; o++) {
        int64_t stride = 1;
        int lead = y->rank - x[o]->rank;
        for (int axis = x[o]->rank - 1; axis >= 0; axis--) {
            view.stride[o][lead + axis] = x[o]->dim[axis] == 1 ? 0 : stride;
            stride *= x[o]->dim[axis];
        }
    }
    return view;
}

static bool can_join(const venn_view *view, int outer, int64_t dim, const int64_t *stride)
{
    for (int o = 0; o < view->operands; o++)
        if (view->stride[o][outer] != stride[o] * dim)
            return false;
    return true;
}

void venn_view_merge(venn_view *view)
{
    int rank = 0;
    for (int axis = 0; axis < view->rank; axis++) {
        int64_t dim = view->dim[axis], stride[VENN_VIEW_OPERANDS] = {0};
        if (dim == 1)
            continue;
        for (int o = 0; o < view->operands; o++)
            stride[o] = view->stride[o][axis];
        bool join = rank > 0 && can_join(view, rank - 1, dim, stride);
        int to = join ? rank - 1 : rank++;
        view->dim[to] = join ? view->dim[to] * dim : dim;
        for (int o = 0; o < view->operands; o++)
            view->stride[o][to] = stride[o];
    }
    if (rank == 0) {
        view->dim[0] = 1;
        for (int o = 0; o < view->operands; o++)
            view->stride[o][0] = 0;
        rank = 1;
    }
    view->rank = rank;
}

bool venn_view_is_plain(const venn_view *view)
{
    venn_view merged = *view;
    venn_view_merge(&merged);
    return merged.rank == 1 && (merged.stride[0][0] == 1 || merged.dim[0] <= 1);
}

// index(e) = (e / S) % C: trailing axes repeated, then one contiguous run, then axes repeated.
static bool is_pattern(const venn_view *v, int o, int64_t *s, int64_t *c)
{
    int axis = v->rank - 1;
    *s = *c = 1;
    for (; axis >= 0 && v->stride[o][axis] == 0; axis--)
        *s *= v->dim[axis];
    for (; axis >= 0 && v->stride[o][axis] == *c; axis--)
        *c *= v->dim[axis];
    for (; axis >= 0 && v->stride[o][axis] == 0; axis--)
        ;
    return axis < 0 && v->offset == 0;
}

static uint32_t pattern_kind(int64_t s, int64_t c, int64_t count)
{
    if (c == 1)
        return VIEW_SCALAR;
    if (c == count)
        return VIEW_FULL;
    if (s == 1 && c % 4 == 0)
        return VIEW_ROW;
    return s % 4 == 0 ? VIEW_SPLAT : VIEW_PATTERN;
}

static void pattern_divisors(uint32_t kind, int64_t s, int64_t c, uint32_t divisor[6])
{
    venn_divisor(s, divisor);
    venn_divisor(kind == VIEW_ROW ? c / 4 : c, divisor + 3);
}

bool venn_view_pattern(const venn_shape *x, const venn_shape *y, uint32_t *kind,
                       uint32_t divisor[6])
{
    venn_view view = venn_view_broadcast(y, &x, 1);
    int64_t s, c;
    venn_view_merge(&view);
    if (!is_pattern(&view, 0, &s, &c))
        return false;
    *kind = pattern_kind(s, c, venn_shape_count(y));
    pattern_divisors(*kind, s, c, divisor);
    return true;
}

static uint32_t strided_kind(const venn_view *v, int o)
{
    const int inner = v->rank - 1;
    if (v->dim[inner] % 4 != 0)
        return VIEW_GENERAL;
    bool aligned = v->stride[o][inner] == 1 && v->offset % 4 == 0;
    for (int axis = 0; axis < inner; axis++)
        aligned &= v->stride[o][axis] % 4 == 0;
    return aligned ? VIEW_STRIDED4 : VIEW_STRIDED;
}

// Kinds of all operands, and the push block that goes with them: the divisors are either those of
// patterns or those of extents, so one operand that is no pattern turns the others (whole ones and
// scalars excepted, which need none) to strides as well.
static void choose_kinds(const venn_view *v, uint32_t *kind, venn_push_view *push)
{
    int64_t s[VENN_VIEW_OPERANDS], c[VENN_VIEW_OPERANDS];
    bool patterns = true;
    for (int o = 0; o < v->operands; o++)
        patterns &= is_pattern(v, o, &s[o], &c[o]);
    for (int o = 0; o < v->operands; o++) {
        bool pattern = is_pattern(v, o, &s[o], &c[o]);
        kind[o] = pattern ? pattern_kind(s[o], c[o], push->count) : VIEW_GENERAL;
        if (!patterns && kind[o] > VIEW_SCALAR)
            kind[o] = strided_kind(v, o);
        for (int axis = 0; axis < v->rank; axis++)
            push->stride[6 * o + axis] = (uint32_t)v->stride[o][axis];
        if (patterns)
            pattern_divisors(kind[o], s[o], c[o], &push->divisor[6 * o]);
    }
    for (int axis = 1; axis < v->rank && !patterns; axis++)
        venn_divisor(v->dim[axis], &push->divisor[3 * (axis - 1)]);
}

void venn_view_record(venn_recorder *r, const venn_node *n, const char *stem, const venn_view *view)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_value *y = n->out[0];
    if (y->count == 0)
        return;
    venn_view merged = *view;
    venn_view_merge(&merged);
    venn_push_view push = {.count = (uint32_t)y->count, .offset = (uint32_t)merged.offset};
    uint32_t kind[VENN_VIEW_OPERANDS] = {0};
    choose_kinds(&merged, kind, &push);
    bool slow = kind[0] == VIEW_GENERAL || kind[1] == VIEW_GENERAL;
    bool strided = kind[0] >= VIEW_STRIDED4 || kind[1] >= VIEW_STRIDED4;
    uint32_t vec = slow ? 1 : 4, rank = strided ? (uint32_t)merged.rank : 1;
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s%s", stem, profile->texel_loads ? ".texel" : "");
    venn_dispatch d = {.kernel = kernel,
                       .spec = {profile->elementwise_group, vec, rank, kind[0], kind[1]},
                       .n_spec = 5,
                       .push = &push,
                       .push_size = sizeof push,
                       .n_bind = n->n_in + 1,
                       // Should a driver leave the loops over axes as they are.
                       .trips = 4 * 4 * 2 * VENN_MAX_RANK};
    for (int i = 0; i < n->n_in; i++)
        d.bind[i] = (venn_bind){n->in[i], VENN_READ};
    d.bind[n->n_in] = (venn_bind){y, VENN_WRITE};
    venn_groups_linear(r, y->count, (int64_t)profile->elementwise_group * 4 * vec, d.groups);
    venn_record_dispatch(r, &d);
}

void venn_view_gather(venn_recorder *r, const venn_node *n, const venn_view *view)
{
    const venn_value *x = n->in[0], *y = n->out[0];
    const uint64_t size = venn_dtype_size(x->dtype);
    if (y->count == 0)
        return;
    if (x->dtype == y->dtype && venn_view_is_plain(view))
        venn_record_copy(r, y, 0, x, (uint64_t)view->offset * size, (uint64_t)y->count * size);
    else
        venn_view_record(r, n, "view.gather", view);
}

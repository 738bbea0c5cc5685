// slice: y = x[.., start : start + length, ..] along one axis
//        dx = dy there, else 0
#define VENN_HOST
#include "ops/divisor.h"
#include "ops/view.h"
#include "slice.comp"
#include "venn/ops.h"

enum { PAD_EACH = 4 }; // as in slice.comp

typedef struct slice_params {
    int32_t axis, start, length;
} slice_params;

// Params made plain: axis and start from the front, length positive or the axis empty.
typedef struct cut {
    int axis;
    int64_t start, length;
} cut;

static bool resolve(const slice_params *p, const venn_shape *x, cut *out)
{
    *out = (cut){p->axis < 0 ? p->axis + x->rank : p->axis, p->start, p->length};
    if (out->axis < 0 || out->axis >= x->rank)
        return false;
    const int64_t extent = x->dim[out->axis];
    if (out->start < 0)
        out->start += extent;
    if (out->length == 0)
        out->length = extent - out->start;
    return out->start >= 0 && out->length >= 0 && out->start + out->length <= extent;
}

// Elements of x below one step of the axes before `axis`.
static int64_t inner(const venn_shape *s, int axis)
{
    int64_t product = 1;
    for (int i = axis; i < s->rank; i++)
        product *= s->dim[i];
    return product;
}

// ---- The gradient: dy [.., length, ..] padded with zeros ---------------------------------------

typedef struct pad_params {
    int axis;
    int64_t start, extent;
} pad_params;

static bool pad_shape(venn_node *n)
{
    const pad_params *p = n->params;
    venn_shape y = n->in[0]->shape;
    y.dim[p->axis] = p->extent;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void pad_record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const pad_params *p = n->params;
    const venn_value *x = n->in[0], *y = n->out[0];
    if (y->count == 0 || x->count == 0) {
        venn_record_fill(r, y, 0);
        return;
    }
    const int64_t width = inner(&x->shape, p->axis), total = inner(&y->shape, p->axis);
    const int64_t offset = p->start * inner(&y->shape, p->axis + 1);
    const bool vec = width % 4 == 0 && total % 4 == 0 && offset % 4 == 0;
    const int64_t unit = vec ? 4 : 1;
    venn_push_slice push = {.count = (uint32_t)y->count,
                            .width = (uint32_t)(width / unit),
                            .offset = (uint32_t)(offset / unit)};
    venn_divisor(total / unit, push.divisor);
    venn_dispatch d = {.kernel = profile->texel_loads ? "slice.pad.texel" : "slice.pad",
                       .spec = {profile->elementwise_group, vec},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{x, VENN_READ}, {y, VENN_WRITE}},
                       .n_bind = 2};
    venn_groups_linear(r, y->count, (int64_t)profile->elementwise_group * 4 * PAD_EACH, d.groups);
    venn_record_dispatch(r, &d);
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

static const venn_op_desc slice_backward = {
    .name = "slice.backward",
    .summary = "dx = dy where the slice was, else 0",
    .inputs = {{"dy"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(pad_params),
    .shape = pad_shape,
    .record = pad_record,
    .cost = cost,
};

// ---- The slice ---------------------------------------------------------------------------------

static bool shape(venn_node *n)
{
    const slice_params *p = n->params;
    cut c;
    if (!resolve(p, &n->in[0]->shape, &c))
        return venn_node_error(n, "axis %d, start %d, length %d is not inside x", (int)p->axis,
                               (int)p->start, (int)p->length);
    venn_shape y = n->in[0]->shape;
    y.dim[c.axis] = c.length;
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static cut cut_of(const venn_node *n)
{
    cut c = {0};
    resolve(n->params, &n->in[0]->shape, &c);
    return c;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape, *y = &n->out[0]->shape;
    const cut c = cut_of(n);
    if (n->out[0]->count == 0)
        return;
    const int64_t total = inner(x, c.axis), width = inner(y, c.axis);
    venn_view view = {.rank = 2,
                      .operands = 1,
                      .dim = {n->out[0]->count / width, width},
                      .stride = {{total, 1}},
                      .offset = c.start * inner(x, c.axis + 1)};
    venn_view_gather(r, n, &view);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    const cut c = cut_of(n);
    pad_params p = {c.axis, c.start, n->in[0]->shape.dim[c.axis]};
    dx[0] = venn_op_apply(g, &slice_backward, dy, 1, &p, NULL);
}

// The element of x that is element e of y.
static int64_t source(const venn_node *n, int64_t e)
{
    const venn_shape *x = &n->in[0]->shape;
    const cut c = cut_of(n);
    const int64_t width = inner(&n->out[0]->shape, c.axis);
    return e / width * inner(x, c.axis) + c.start * inner(x, c.axis + 1) + e % width;
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->y[0][e] = r->x[0][source(r->node, e)];
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++)
        r->dx[0][source(r->node, e)] = r->dy[0][e];
}

static const venn_param_def params[] = {{"axis", VENN_PARAM_INT, offsetof(slice_params, axis), 1,
                                         NULL, "the axis to cut; negative: from the last"},
                                        {"start", VENN_PARAM_INT, offsetof(slice_params, start), 1,
                                         NULL, "first index that stays; negative: from the end"},
                                        {"length", VENN_PARAM_INT, offsetof(slice_params, length),
                                         1, NULL, "how many stay; 0: all that follow"},
                                        {0}};

const venn_op_desc venn_op_slice = {
    .name = "slice",
    .summary = "y = x[.., start : start + length, ..] along one axis",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(slice_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

// No tensor is so large that a number beyond 32 bits could fit; what it becomes does not fit either.
static int32_t narrow(int64_t value)
{
    return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : (int32_t)value;
}

venn_tensor venn_slice(venn_graph *g, venn_tensor x, int axis, int64_t start, int64_t length)
{
    slice_params p = {axis, narrow(start), narrow(length)};
    return venn_op_apply(g, &venn_op_slice, &x, 1, &p, NULL);
}

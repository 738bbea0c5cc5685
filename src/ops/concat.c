// concat: y = the operands one behind the other along an axis
//         dx[i] = the part of dy that x[i] fills
#define VENN_HOST
#include "ops/divisor.h"
#include "concat.comp"
#include "graph/op.h"
#include "venn/ops.h"

typedef struct concat_params {
    int32_t axis;
} concat_params;

enum { PLACE_EACH = 4 }; // as in concat.comp

// The axis counted from the front; -1 if there is no such axis.
static int axis_of(const venn_node *n)
{
    const concat_params *params = n->params;
    const int rank = n->in[0]->shape.rank;
    const int axis = params->axis < 0 ? params->axis + rank : params->axis;
    return axis >= 0 && axis < rank ? axis : -1;
}

// Elements of one step along the axes before and from `axis` on.
static int64_t inner(const venn_shape *s, int axis)
{
    int64_t product = 1;
    for (int i = axis; i < s->rank; i++)
        product *= s->dim[i];
    return product;
}

static bool shape(venn_node *n)
{
    const int axis = axis_of(n);
    venn_shape y = n->in[0]->shape;
    if (axis < 0)
        return venn_node_error(n, "axis %d is not in x",
                               (int)((const concat_params *)n->params)->axis);
    for (int i = 1; i < n->n_in; i++) {
        const venn_shape *x = &n->in[i]->shape;
        bool fits = x->rank == y.rank;
        for (int k = 0; fits && k < y.rank; k++)
            fits = k == axis || x->dim[k] == y.dim[k];
        if (!fits || __builtin_add_overflow(y.dim[axis], x->dim[axis], &y.dim[axis]))
            return venn_node_error(n, "operands must agree in all axes but axis %d", axis);
    }
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static void place(venn_recorder *r, const venn_node *n, int i, int64_t total, int64_t offset)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const venn_value *x = n->in[i];
    int64_t width = inner(&x->shape, axis_of(n));
    const bool vec = width % 4 == 0 && total % 4 == 0 && offset % 4 == 0;
    const int64_t unit = vec ? 4 : 1;
    venn_push_concat push = {.count = (uint32_t)(x->count / unit),
                             .total = (uint32_t)(total / unit),
                             .offset = (uint32_t)(offset / unit)};
    venn_divisor(width / unit, push.divisor);
    venn_dispatch d = {.kernel = profile->texel_loads ? "concat.place.texel" : "concat.place",
                       .spec = {profile->elementwise_group, vec},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{x, VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2};
    venn_groups_linear(r, push.count, (int64_t)profile->elementwise_group * PLACE_EACH, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const int64_t total = inner(&n->out[0]->shape, axis_of(n));
    int64_t offset = 0;
    for (int i = 0; i < n->n_in; i++) {
        if (n->in[i]->count == 0)
            continue;
        const uint64_t size = venn_dtype_size(n->in[i]->dtype);
        // One row: whole operands follow each other in memory.
        if (n->out[0]->count == total && n->in[i]->dtype == n->out[0]->dtype)
            venn_record_copy(r, n->out[0], (uint64_t)offset * size, n->in[i], 0,
                             (uint64_t)n->in[i]->count * size);
        else
            place(r, n, i, total, offset);
        offset += inner(&n->in[i]->shape, axis_of(n));
    }
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const int axis = axis_of(n);
    int64_t start = 0;
    for (int i = 0; i < n->n_in; i++) {
        const int64_t length = n->in[i]->shape.dim[axis];
        // An empty operand has an empty gradient: none.
        if ((need >> i & 1) && length > 0)
            dx[i] = venn_slice(g, dy[0], axis, start, length);
        start += length;
    }
}

// Where element e of operand i, which starts at `start` along the axis, lies in y.
static int64_t target(const venn_node *n, int i, int64_t start, int64_t e)
{
    const int axis = axis_of(n);
    const int64_t width = inner(&n->in[i]->shape, axis);
    return e / width * inner(&n->out[0]->shape, axis) + start * inner(&n->out[0]->shape, axis + 1) +
           e % width;
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    int64_t start = 0;
    for (int i = 0; i < n->n_in; i++) {
        for (int64_t e = 0; e < n->in[i]->count; e++)
            r->y[0][target(n, i, start, e)] = r->x[i][e];
        start += n->in[i]->shape.dim[axis_of(n)];
    }
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    int64_t start = 0;
    for (int i = 0; i < n->n_in; i++) {
        for (int64_t e = 0; r->dx[i] && e < n->in[i]->count; e++)
            r->dx[i][e] = r->dy[0][target(n, i, start, e)];
        start += n->in[i]->shape.dim[axis_of(n)];
    }
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->bytes = 8.0 * (double)n->out[0]->count;
}

static const venn_param_def params[] = {{"axis", VENN_PARAM_INT, offsetof(concat_params, axis), 1,
                                         NULL, "the axis to join along; negative: from the last"},
                                        {0}};

const venn_op_desc venn_op_concat = {
    .name = "concat",
    .summary = "y = the operands one behind the other along an axis",
    .inputs = {{.name = "x", .flags = VENN_IN_VARIADIC}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(concat_params),
    .params = params,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_concat(venn_graph *g, size_t n, const venn_tensor *x, int axis)
{
    concat_params p = {axis};
    // More operands than any op may have are refused there.
    int count = n > VENN_MAX_INPUTS ? VENN_MAX_INPUTS + 1 : (int)n;
    return venn_op_apply(g, &venn_op_concat, x, count, &p, NULL);
}

// where: y = a where the condition is not 0, else b, with broadcasting
//        da = dy there, db = dy elsewhere, each summed over the axes that were repeated
//
// The kernel broadcasts two operands; the third, a or b, has y's shape already or is repeated to it.
#include "ops/broadcast.h"
#include "ops/view.h"
#include "venn/ops.h"

enum { CONDITION, A, B, N_IN };

// ---- The part that selects -------------------------------------------------------------------

// Operands condition, x, rest.
typedef struct pick_params {
    bool invert; // y = x where the condition holds, else rest; false: rest where it holds
} pick_params;

static bool pick_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[2]->shape);
    return true;
}

static void pick_record(venn_recorder *r, const venn_node *n)
{
    const pick_params *p = n->params;
    const venn_shape *x[] = {&n->in[0]->shape, &n->in[1]->shape};
    const venn_view view = venn_view_broadcast(&n->out[0]->shape, x, 2);
    venn_view_record(r, n, p->invert ? "where.inverted" : "where.pick", &view);
}

static void pick_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                          venn_tensor *dx);

static void pick_cost(const venn_node *n, venn_cost *cost)
{
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += 4.0 * (double)n->in[i]->count;
    cost->bytes += 4.0 * (double)n->out[0]->count;
}

static bool pick_element(const venn_node *n, venn_element *e)
{
    const pick_params *p = n->params;
    *e = (venn_element){
        .shader = "where", .function = "pick", .define = p->invert ? "INVERT" : NULL};
    return true;
}

static const venn_op_desc pick = {
    .name = "where.pick",
    .summary = "y = rest where the condition is not 0, else x, or the other way round",
    .inputs = {{"condition", VENN_F32, VENN_BINARY, VENN_IN_NO_GRAD}, {"x"}, {"rest"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(pick_params),
    .shape = pick_shape,
    .record = pick_record,
    .gradient = pick_gradient,
    .cost = pick_cost,
    .element = pick_element,
};

static void pick_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                          venn_tensor *dx)
{
    const pick_params *p = n->params;
    const venn_tensor in[] = {venn_in(n, 0), venn_fill(g, VENN_SCALAR, 0), dy[0]};
    const pick_params other = {!p->invert};
    if (need & 2)
        dx[1] = venn_sum_to(g, venn_op_apply(g, &pick, in, 3, &other, NULL), n->in[1]->shape);
    if (need & 4)
        dx[2] = venn_op_apply(g, &pick, in, 3, p, NULL);
}

// ---- The op ----------------------------------------------------------------------------------

static bool shape(venn_node *n)
{
    venn_shape both, y;
    if (!venn_broadcast_shape(&n->in[A]->shape, &n->in[B]->shape, &both) ||
        !venn_broadcast_shape(&n->in[CONDITION]->shape, &both, &y))
        return venn_node_error(n, "shapes do not broadcast: extents must be equal or 1");
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_shape *y = &n->out[0]->shape;
    const pick_params p = {venn_shape_equal(&n->in[B]->shape, y)};
    const venn_tensor rest = p.invert ? in[B] : venn_broadcast_to(g, in[A], *y);
    const venn_tensor operands[] = {in[CONDITION], p.invert ? in[A] : in[B], rest};
    out[0] = venn_op_apply(g, &pick, operands, 3, &p, NULL);
    return true;
}

// The elements of the operands that make element e of y.
static void indices(const venn_node *n, int64_t e, int64_t index[N_IN])
{
    for (int i = 0; i < N_IN; i++)
        index[i] = venn_broadcast_index(&n->in[i]->shape, &n->out[0]->shape, e);
}

static void ref(const venn_ref *r)
{
    int64_t i[N_IN];
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        indices(r->node, e, i);
        r->y[0][e] = r->x[CONDITION][i[CONDITION]] != 0 ? r->x[A][i[A]] : r->x[B][i[B]];
    }
}

static void ref_grad(const venn_ref *r)
{
    int64_t i[N_IN];
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        indices(r->node, e, i);
        const int from = r->x[CONDITION][i[CONDITION]] != 0 ? A : B;
        if (r->dx[from])
            r->dx[from][i[from]] += r->dy[0][e];
    }
}

const venn_op_desc venn_op_where = {
    .name = "where",
    .summary = "y = a where the condition is not 0, else b, with broadcasting",
    .inputs = {{"condition", VENN_F32, VENN_BINARY, VENN_IN_NO_GRAD}, {"a"}, {"b"}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = pick_cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_where(venn_graph *g, venn_tensor condition, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_where, (venn_tensor[]){condition, a, b}, N_IN, NULL, NULL);
}

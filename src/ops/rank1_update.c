// rank1_update: y = a + s u v^T
//               da = dy, du = s dy v, dv = s dy^T u, ds = u^T dy v
#include "venn/ops.h"
#include "graph/op.h"

enum { A, U, V, SCALE, N_IN };

typedef struct rank1_update_params {
    float scale;
} rank1_update_params;

static float constant(const venn_node *n)
{
    const rank1_update_params *p = n->params;
    return p->scale != 0 ? p->scale : 1;
}

static bool shape(venn_node *n)
{
    const venn_shape *a = &n->in[A]->shape, *u = &n->in[U]->shape, *v = &n->in[V]->shape;
    if (a->rank != 2 || u->rank != 1 || v->rank != 1 || u->dim[0] != a->dim[0] ||
        v->dim[0] != a->dim[1])
        return venn_node_error(n, "a must be [M, N], u [M], v [N]");
    if (n->in[SCALE] && n->in[SCALE]->shape.rank != 0)
        return venn_node_error(n, "scale must be a scalar");
    venn_node_output(n, 0, VENN_F32, *a);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_shape *a = &n->in[A]->shape;
    venn_tensor u = in[U];
    if (n->in[SCALE])
        u = venn_mul(g, u, in[SCALE]);
    else if (constant(n) != 1)
        u = venn_scale(g, u, constant(n), 0);
    const venn_tensor column = venn_reshape(g, u, VENN_SHAPE(a->dim[0], 1));
    const venn_tensor row = venn_reshape(g, in[V], VENN_SHAPE(1, a->dim[1]));
    out[0] = venn_add(g, in[A], venn_mul(g, column, row));
    return true;
}

static double scale_of(const venn_ref *r)
{
    return r->x[SCALE] ? r->x[SCALE][0] : constant(r->node);
}

static void ref(const venn_ref *r)
{
    const int64_t width = r->node->in[V]->count;
    for (int64_t e = 0; e < r->node->in[A]->count; e++)
        r->y[0][e] = r->x[A][e] + scale_of(r) * r->x[U][e / width] * r->x[V][e % width];
}

static void ref_grad(const venn_ref *r)
{
    const int64_t width = r->node->in[V]->count;
    for (int64_t e = 0; e < r->node->in[A]->count; e++) {
        const double u = r->x[U][e / width], v = r->x[V][e % width], dy = r->dy[0][e];
        if (r->dx[A])
            r->dx[A][e] = dy;
        if (r->dx[U])
            r->dx[U][e / width] += scale_of(r) * v * dy;
        if (r->dx[V])
            r->dx[V][e % width] += scale_of(r) * u * dy;
        if (r->dx[SCALE])
            r->dx[SCALE][0] += u * v * dy;
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)n->in[A]->count;
    cost->bytes = 8.0 * (double)n->in[A]->count;
}

static const venn_param_def params[] = {{"scale", VENN_PARAM_FLOAT,
                                         offsetof(rank1_update_params, scale), 1, NULL,
                                         "s, unless it is the fourth input; 0: 1"},
                                        {0}};

const venn_op_desc venn_op_rank1_update = {
    .name = "rank1_update",
    .summary = "y = a + s u v^T",
    .inputs = {{"a"}, {"u"}, {"v"}, {"s", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .params_size = sizeof(rank1_update_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_rank1_update(venn_graph *g, venn_tensor a, venn_tensor u, venn_tensor v,
                              venn_tensor s, float factor)
{
    const rank1_update_params p = {factor};
    return venn_op_apply(g, &venn_op_rank1_update, (venn_tensor[]){a, u, v, s}, N_IN, &p, NULL);
}

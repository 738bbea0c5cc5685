// pairwise_distance: y[i, j] = |a[i] - b[j]|, its square, or 1 - cos(a[i], b[j])
//                    da[i] = sum over j of dy[i, j] (a[i] - b[j]) / y[i, j], db[j] alike; 0 where y is 0
#include <math.h>

#include "ops/pairwise_squares.h"
#include "venn/ops.h"

static const char *const metrics[] = {"euclidean", "squared", "cosine", NULL};
static const double least_norm = 1e-12; // as l2_normalize's

static venn_metric metric_of(const venn_node *n)
{
    return ((const venn_pairwise_distance_params *)n->params)->metric;
}

// b may be left out: the distances are among a's rows then.
static const venn_shape *b_shape(const venn_node *n)
{
    return &n->in[n->in[1] ? 1 : 0]->shape;
}

static bool shape(venn_node *n)
{
    const venn_shape *a = &n->in[0]->shape, *b = b_shape(n);
    bool fits = a->rank >= 2 && a->rank == b->rank;
    for (int axis = 0; fits && axis < a->rank; axis++)
        fits = axis == a->rank - 2 || a->dim[axis] == b->dim[axis];
    if (!fits)
        return venn_node_error(n, "a must be [.., N, D], b [.., M, D]");
    venn_shape y = *a;
    y.dim[a->rank - 1] = b->dim[a->rank - 2];
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static venn_tensor cosine(venn_graph *g, const venn_node *n, venn_tensor a, venn_tensor b)
{
    const int last = 1 << (n->in[0]->shape.rank - 1);
    const venn_tensor unit_a = venn_l2_normalize(g, a, last, 0);
    const venn_tensor unit_b = n->in[1] ? venn_l2_normalize(g, b, last, 0) : unit_a;
    const venn_matmul_params by_rows = {.trans_b = true};
    return venn_scale(g, venn_matmul(g, unit_a, unit_b, VENN_NONE, &by_rows), -1, 1);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_tensor a = in[0], b = n->in[1] ? in[1] : in[0];
    if (metric_of(n) == VENN_METRIC_COSINE) {
        out[0] = cosine(g, n, a, b);
        return true;
    }
    out[0] = venn_pairwise_squares(g, a, b);
    if (metric_of(n) == VENN_METRIC_EUCLIDEAN)
        out[0] = venn_sqrt(g, out[0]);
    return true;
}

// ---- Reference -------------------------------------------------------------------------------

typedef struct pair {
    const double *a, *b;
    double *da, *db; // NULL: not wanted
    int64_t length;
} pair;

// The rows behind y[e].
static pair pair_of(const venn_ref *r, int64_t e)
{
    const venn_shape *a = &r->node->in[0]->shape, *b = b_shape(r->node);
    const int64_t columns = b->dim[b->rank - 2], rows = a->dim[a->rank - 2];
    const int64_t length = a->dim[a->rank - 1], i = e / columns;
    const int64_t j = i / rows * columns + e % columns;
    const int from = r->x[1] ? 1 : 0;
    return (pair){r->x[0] + i * length, r->x[from] + j * length,
                  r->dx[0] ? r->dx[0] + i * length : NULL,
                  r->dx[from] ? r->dx[from] + j * length : NULL, length};
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

static double norm(const double *a, int64_t n)
{
    return fmax(sqrt(dot(a, a, n)), least_norm);
}

static void ref(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const pair p = pair_of(r, e);
        double squares = 0;
        for (int64_t k = 0; k < p.length; k++)
            squares += (p.a[k] - p.b[k]) * (p.a[k] - p.b[k]);
        if (metric_of(r->node) == VENN_METRIC_COSINE)
            r->y[0][e] = 1 - dot(p.a, p.b, p.length) / (norm(p.a, p.length) * norm(p.b, p.length));
        else
            r->y[0][e] = metric_of(r->node) == VENN_METRIC_SQUARED ? squares : sqrt(squares);
    }
}

// d += the gradient of a pair's y by its row `own`.
static void add_gradient(venn_metric metric, const double *own, const double *other, int64_t n,
                         double y, double dy, double *d)
{
    if (!d || (metric == VENN_METRIC_EUCLIDEAN && y == 0))
        return;
    const double length = norm(own, n), other_length = norm(other, n);
    for (int64_t k = 0; k < n; k++)
        if (metric == VENN_METRIC_COSINE)
            d[k] -= dy * (other[k] / other_length - (1 - y) * own[k] / length) / length;
        else
            d[k] += dy * (own[k] - other[k]) * (metric == VENN_METRIC_SQUARED ? 2 : 1 / y);
}

static void ref_grad(const venn_ref *r)
{
    for (int64_t e = 0; e < r->node->out[0]->count; e++) {
        const pair p = pair_of(r, e);
        const double y = r->y[0][e], dy = r->dy[0][e];
        add_gradient(metric_of(r->node), p.a, p.b, p.length, y, dy, p.da);
        add_gradient(metric_of(r->node), p.b, p.a, p.length, y, dy, p.db);
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double length = (double)n->in[0]->shape.dim[n->in[0]->shape.rank - 1];
    cost->flops = 3.0 * length * (double)n->out[0]->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
    cost->bytes += n->in[1] ? 4.0 * (double)n->in[1]->count : 0;
}

static const venn_param_def params[] = {{"metric", VENN_PARAM_ENUM,
                                         offsetof(venn_pairwise_distance_params, metric), 1,
                                         metrics, "euclidean (default), squared, cosine"},
                                        {0}};

const venn_op_desc venn_op_pairwise_distance = {
    .name = "pairwise_distance",
    .summary = "y[i, j] = |a[i] - b[j]|, its square, or 1 - cos(a[i], b[j])",
    .inputs = {{"a"}, {"b", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_pairwise_distance_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_pairwise_distance(venn_graph *g, venn_tensor a, venn_tensor b,
                                   const venn_pairwise_distance_params *distance)
{
    return venn_op_apply(g, &venn_op_pairwise_distance, (venn_tensor[]){a, b}, 2, distance, NULL);
}

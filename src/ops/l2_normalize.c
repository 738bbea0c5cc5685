// l2_normalize: y = x / max(|x|, eps), |x| the norm over the axes
//               dx = (dy - y sum of y dy) / |x|, dy / eps where |x| < eps
#include <math.h>
#include <stdlib.h>

#include "ops/reduction.h"

typedef struct l2_normalize_params {
    venn_reduce_params over; // keepdims is not used
    float eps;
} l2_normalize_params;

static float eps_of(const venn_node *n)
{
    const l2_normalize_params *p = n->params;
    return p->eps != 0 ? p->eps : 1e-12f;
}

static bool shape(venn_node *n)
{
    if (!(eps_of(n) > 0))
        return venn_node_error(n, "eps %g is not positive", (double)eps_of(n));
    return venn_reduction_axes_fit(n) && (venn_node_output(n, 0, VENN_F32, n->in[0]->shape), true);
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_reduce_params over = {(int32_t)venn_reduction_axes(n), true};
    const venn_tensor least = venn_fill(g, VENN_SCALAR, eps_of(n));
    out[0] = venn_div(g, in[0], venn_maximum(g, venn_norm(g, in[0], &over), least));
    return true;
}

// sum[i] = sum of a b over the elements that belong together; malloc'd.
static double *products(const venn_node *n, const double *a, const double *b)
{
    double *sum = calloc((size_t)n->in[0]->count + 1, sizeof *sum);
    for (int64_t e = 0; e < n->in[0]->count; e++)
        sum[venn_reduction_index(n, e)] += a[e] * b[e];
    return sum;
}

static void ref(const venn_ref *r)
{
    double *squares = products(r->node, r->x[0], r->x[0]);
    for (int64_t e = 0; e < r->node->in[0]->count; e++)
        r->y[0][e] =
            r->x[0][e] / fmax(sqrt(squares[venn_reduction_index(r->node, e)]), eps_of(r->node));
    free(squares);
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    double *squares = products(n, r->x[0], r->x[0]), *along = products(n, r->y[0], r->dy[0]);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const int64_t i = venn_reduction_index(n, e);
        const double norm = sqrt(squares[i]);
        r->dx[0][e] = norm < eps_of(n) ? r->dy[0][e] / eps_of(n)
                                       : (r->dy[0][e] - r->y[0][e] * along[i]) / norm;
    }
    free(squares);
    free(along);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 3.0 * (double)n->in[0]->count;
    cost->bytes = 8.0 * (double)n->in[0]->count;
}

static const venn_param_def params[] = {
    {"axes", VENN_PARAM_INT, offsetof(l2_normalize_params, over.axes), 1, NULL,
     "bit i: over axis i; 0: over all"},
    {"eps", VENN_PARAM_FLOAT, offsetof(l2_normalize_params, eps), 1, NULL,
     "least norm to divide by; 0: 1e-12"},
    {0}};

const venn_op_desc venn_op_l2_normalize = {
    .name = "l2_normalize",
    .summary = "y = x / max(|x|, eps), |x| the norm over the axes",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(l2_normalize_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_l2_normalize(venn_graph *g, venn_tensor x, int axes, float eps)
{
    const l2_normalize_params p = {{.axes = axes}, eps};
    return venn_op_apply(g, &venn_op_l2_normalize, &x, 1, &p, NULL);
}

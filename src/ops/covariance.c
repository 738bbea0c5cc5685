// covariance: y = c^T c / N, c = x or x less the mean of its rows; / (N - 1) where unbiased
//             dx = c (dy + dy^T) / N
#include <stdlib.h>

#include "venn/ops.h"
#include "graph/op.h"

static const venn_covariance_params *params_of(const venn_node *n)
{
    return n->params;
}

static int64_t rows_of(const venn_node *n)
{
    return n->in[0]->shape.dim[n->in[0]->shape.rank - 2];
}

static int64_t width_of(const venn_node *n)
{
    return n->in[0]->shape.dim[n->in[0]->shape.rank - 1];
}

static double divisor(const venn_node *n)
{
    return (double)(rows_of(n) - params_of(n)->unbiased);
}

static bool shape(venn_node *n)
{
    venn_shape y = n->in[0]->shape;
    if (y.rank < 2)
        return venn_node_error(n, "x must be [.., N, D]");
    if (divisor(n) <= 0)
        return venn_node_error(n, "%lld rows are too few", (long long)rows_of(n));
    y.dim[y.rank - 2] = y.dim[y.rank - 1];
    venn_node_output(n, 0, VENN_F32, y);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    venn_tensor c = in[0];
    if (params_of(n)->centred) {
        const venn_reduce_params rows = {1 << (n->in[0]->shape.rank - 2), true};
        // A mean that moves changes nothing: what lies off it sums to 0.
        c = venn_sub(g, c, venn_stop_gradient(g, venn_mean(g, c, &rows)));
    }
    const venn_tensor product =
        venn_matmul(g, c, c, VENN_NONE, &(venn_matmul_params){.trans_a = true});
    out[0] = venn_scale(g, product, (float)(1.0 / divisor(n)), 0);
    return true;
}

// ---- Reference -------------------------------------------------------------------------------

static double *centred(const venn_ref *r) // x or what lies off the mean of the rows; malloc'd
{
    const venn_node *n = r->node;
    const int64_t count = n->in[0]->count, width = width_of(n), rows = rows_of(n);
    double *c = calloc((size_t)count + 1, sizeof *c);
    for (int64_t column = 0; column < count / rows; column++) {
        const int64_t top = column / width * rows * width + column % width;
        double mean = 0;
        for (int64_t i = 0; i < rows && params_of(n)->centred; i++)
            mean += r->x[0][top + i * width] / (double)rows;
        for (int64_t i = 0; i < rows; i++)
            c[top + i * width] = r->x[0][top + i * width] - mean;
    }
    return c;
}

static void ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    const int64_t width = width_of(n), rows = rows_of(n);
    double *c = centred(r);
    for (int64_t e = 0; e < n->out[0]->count; e++) {
        const double *block = c + e / (width * width) * rows * width;
        r->y[0][e] = 0;
        for (int64_t i = 0; i < rows; i++)
            r->y[0][e] +=
                block[i * width + e / width % width] * block[i * width + e % width] / divisor(n);
    }
    free(c);
}

static void ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    const int64_t width = width_of(n), rows = rows_of(n);
    double *c = centred(r);
    for (int64_t e = 0; e < n->in[0]->count; e++) {
        const double *row = c + e / width * width;
        const double *dy = r->dy[0] + e / (rows * width) * width * width;
        const int64_t k = e % width;
        for (int64_t d = 0; d < width; d++)
            r->dx[0][e] += row[d] * (dy[d * width + k] + dy[k * width + d]) / divisor(n);
    }
    free(c);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 2.0 * (double)(rows_of(n) * n->out[0]->count);
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

static const venn_param_def params[] = {
    {"centred", VENN_PARAM_BOOL, offsetof(venn_covariance_params, centred), 1, NULL,
     "take the mean of the rows off first; 0: x as it is"},
    {"unbiased", VENN_PARAM_BOOL, offsetof(venn_covariance_params, unbiased), 1, NULL,
     "divide by N - 1; 0: by N, the number of rows"},
    {0}};

const venn_op_desc venn_op_covariance = {
    .name = "covariance",
    .summary = "y = c^T c / N, c = x or x less the mean of its rows",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_covariance_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_covariance(venn_graph *g, venn_tensor x, const venn_covariance_params *how)
{
    return venn_op_apply(g, &venn_op_covariance, &x, 1, how, NULL);
}

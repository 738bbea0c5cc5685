// rkd_distance: loss = mean over i, j of smooth L1 of d(x)[i,j] / mu(x) - d(t)[i,j] / mu(t), d[i,j] = |row i - row j|,
//               mu its mean over i != j
//               dd = (s - (sum of s d) / (N (N - 1) mu)) / mu with s the slopes; dx[i] = sum over j of
//               (dd[i,j] + dd[j,i]) (x[i] - x[j]) / d[i,j], 0 where d is
// A composite: pairwise distances, their sums, smooth L1.
#include <stdlib.h>

#include "ops/relation.h"

static const venn_param_def params[] = {{"whole_mean", VENN_PARAM_BOOL,
                                         offsetof(venn_rkd_distance_params, whole_mean), 1, NULL,
                                         "mu counts the zeros of i = j too; 0: no"},
                                        {0}};

// How many distances mu is the mean of.
static double pairs_of(const venn_node *n)
{
    const double rows = (double)venn_relation_rows_of(n, 0).count;
    const venn_rkd_distance_params *p = n->params;
    const double pairs = p->whole_mean ? rows * rows : rows * (rows - 1);
    return pairs > 0 ? pairs : 1;
}

static venn_tensor potential(venn_graph *g, const venn_node *n, const venn_tensor *in, int i)
{
    const venn_tensor rows = venn_relation_operand(g, n, in, i);
    const venn_tensor d = venn_pairwise_distance(g, rows, VENN_NONE, NULL);
    const venn_tensor mean = venn_scale(g, venn_sum(g, d, NULL), (float)(1 / pairs_of(n)), 0);
    return venn_mul(g, d, venn_relation_inverse(g, mean));
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = venn_smooth_l1(g, potential(g, n, in, 0), potential(g, n, in, 1), NULL);
    return true;
}

// ---- References ------------------------------------------------------------------------------

// d [N, N], malloc'd, and mu.
static double *distances(const venn_ref *r, int i, double *mu)
{
    const venn_relation_rows rows = venn_relation_rows_of(r->node, i);
    double *d = calloc((size_t)(rows.count * rows.count) + 1, sizeof *d);
    *mu = 0;
    for (int64_t e = 0; e < rows.count * rows.count; e++) {
        d[e] = venn_relation_distance(r->x[i], rows.width, e / rows.count, e % rows.count);
        *mu += d[e] / pairs_of(r->node);
    }
    return d;
}

// By how much the potentials of two distances differ.
static double gap(double x, double mu_x, double t, double mu_t)
{
    return (mu_x > 0 ? x / mu_x : 0) - (mu_t > 0 ? t / mu_t : 0);
}

static void ref(const venn_ref *r)
{
    const int64_t rows = r->node->in[0]->shape.dim[0];
    double mu_x, mu_t, *x = distances(r, 0, &mu_x), *t = distances(r, 1, &mu_t);
    r->y[0][0] = 0;
    for (int64_t e = 0; e < rows * rows; e++)
        r->y[0][0] += venn_relation_cost(gap(x[e], mu_x, t[e], mu_t)) / (double)(rows * rows);
    free(x);
    free(t);
}

// x's rows i and j come apart by `slope` per unit of their distance.
static void pull(const venn_ref *r, int64_t i, int64_t j, double distance, double slope)
{
    const int64_t width = venn_relation_rows_of(r->node, 0).width;
    for (int64_t k = 0; distance > 0 && k < width; k++) {
        const double along = slope * (r->x[0][i * width + k] - r->x[0][j * width + k]) / distance;
        r->dx[0][i * width + k] += along;
        r->dx[0][j * width + k] -= along;
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t rows = r->node->in[0]->shape.dim[0], all = rows * rows;
    double mu_x, mu_t, *x = distances(r, 0, &mu_x), *t = distances(r, 1, &mu_t), along = 0;
    for (int64_t e = 0; e < all; e++)
        along += venn_relation_slope(gap(x[e], mu_x, t[e], mu_t)) * x[e];
    for (int64_t e = 0; mu_x > 0 && e < all; e++) {
        const double slope = venn_relation_slope(gap(x[e], mu_x, t[e], mu_t));
        const double dd = (slope - along / (pairs_of(r->node) * mu_x)) / mu_x;
        pull(r, e / rows, e % rows, x[e], r->dy[0][0] * dd / (double)all);
    }
    free(x);
    free(t);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_relation_rows x = venn_relation_rows_of(n, 0), t = venn_relation_rows_of(n, 1);
    cost->flops = (double)x.count * (double)x.count * (3.0 * (double)(x.width + t.width) + 10);
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count);
}

const venn_op_desc venn_op_rkd_distance = {
    .name = "rkd_distance",
    .summary = "mean of smooth L1 of the distances among x's rows, over their mean, and t's",
    .inputs = {{"x"}, {"t", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(venn_rkd_distance_params),
    .params = params,
    .shape = venn_relation_shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_rkd_distance(venn_graph *g, venn_tensor x, venn_tensor t,
                              const venn_rkd_distance_params *p)
{
    return venn_op_apply(g, &venn_op_rkd_distance, (venn_tensor[]){x, t}, 2, p, NULL);
}

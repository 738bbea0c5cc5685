// rkd_angle: loss = mean over i, j, k of smooth L1 of cos(x)[i,j,k] - cos(t)[i,j,k], the cosine at i of the triangle
//            i, j, k: e[i,j] . e[i,k] with e[i,j] = (x[i] - x[j]) / |x[i] - x[j]|, or 0 where that is 0
//            de[i,j] = sum over k of (s[i,j,k] + s[i,k,j]) e[i,k] with s the slopes; dx[i] = sum over j of
//            (de - (de . e) e) / |x[i] - x[j]|, and -dx[j] alike
// A composite: all differences as unit vectors, their products at each vertex, smooth L1.
#include <stdlib.h>

#include "ops/relation.h"

static venn_tensor cosines(venn_graph *g, const venn_node *n, const venn_tensor *in, int i)
{
    const venn_relation_rows rows = venn_relation_rows_of(n, i);
    const venn_tensor x = venn_relation_operand(g, n, in, i);
    const venn_tensor from = venn_reshape(g, x, VENN_SHAPE(rows.count, 1, rows.width));
    const venn_tensor to = venn_reshape(g, x, VENN_SHAPE(1, rows.count, rows.width));
    const venn_tensor apart = venn_sub(g, from, to);
    const venn_tensor length =
        venn_norm(g, apart, &(venn_reduce_params){.axes = 4, .keepdims = true});
    // Not venn_l2_normalize: where two rows are one, it has a slope of its least norm's inverse.
    const venn_tensor e = venn_mul(g, apart, venn_relation_inverse(g, length));
    return venn_matmul(g, e, e, VENN_NONE, &(venn_matmul_params){.trans_b = true});
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = venn_smooth_l1(g, cosines(g, n, in, 0), cosines(g, n, in, 1), NULL);
    return true;
}

// ---- References ------------------------------------------------------------------------------

// e [N, N, width], malloc'd.
static double *units(const venn_ref *r, int input)
{
    const venn_relation_rows rows = venn_relation_rows_of(r->node, input);
    const int64_t pairs = rows.count * rows.count;
    double *e = calloc((size_t)(pairs * rows.width) + 1, sizeof *e);
    for (int64_t pair = 0; pair < pairs; pair++) {
        const int64_t i = pair / rows.count, j = pair % rows.count;
        const double d = venn_relation_distance(r->x[input], rows.width, i, j);
        const double *a = r->x[input] + i * rows.width, *b = r->x[input] + j * rows.width;
        for (int64_t k = 0; d > 0 && k < rows.width; k++)
            e[pair * rows.width + k] = (a[k] - b[k]) / d;
    }
    return e;
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0;
    for (int64_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

typedef struct triangles {
    const venn_ref *r;
    int64_t rows, x_width, t_width;
    double *x, *t; // units
} triangles;

static triangles triangles_of(const venn_ref *r)
{
    const venn_relation_rows x = venn_relation_rows_of(r->node, 0);
    return (triangles){r,           x.count,    x.width, venn_relation_rows_of(r->node, 1).width,
                       units(r, 0), units(r, 1)};
}

static void triangles_free(triangles *a)
{
    free(a->x);
    free(a->t);
}

// By how much the cosines at i of i, j, k differ.
static double gap(const triangles *a, int64_t i, int64_t j, int64_t k)
{
    const int64_t ij = i * a->rows + j, ik = i * a->rows + k;
    return dot(a->x + ij * a->x_width, a->x + ik * a->x_width, a->x_width) -
           dot(a->t + ij * a->t_width, a->t + ik * a->t_width, a->t_width);
}

static void ref(const venn_ref *r)
{
    triangles a = triangles_of(r);
    const int64_t rows = a.rows;
    r->y[0][0] = 0;
    for (int64_t m = 0; m < rows * rows * rows; m++)
        r->y[0][0] += venn_relation_cost(gap(&a, m / rows / rows, m / rows % rows, m % rows)) /
                      (double)(rows * rows * rows);
    triangles_free(&a);
}

// Adds to dx what the unit vector from j to i does; de [width] is scratch.
static void add_gradient(const triangles *a, int64_t i, int64_t j, double *de)
{
    const venn_ref *r = a->r;
    const int64_t width = a->x_width;
    const double *e = a->x + (i * a->rows + j) * width;
    const double d = venn_relation_distance(r->x[0], width, i, j);
    const double scale = 2 * r->dy[0][0] / (double)(a->rows * a->rows * a->rows);
    for (int64_t c = 0; c < width; c++)
        de[c] = 0;
    for (int64_t k = 0; k < a->rows; k++) {
        const double slope = scale * venn_relation_slope(gap(a, i, j, k));
        for (int64_t c = 0; c < width; c++)
            de[c] += slope * a->x[(i * a->rows + k) * width + c];
    }
    const double along = dot(de, e, width);
    for (int64_t c = 0; d > 0 && c < width; c++) {
        r->dx[0][i * width + c] += (de[c] - along * e[c]) / d;
        r->dx[0][j * width + c] -= (de[c] - along * e[c]) / d;
    }
}

static void ref_grad(const venn_ref *r)
{
    triangles a = triangles_of(r);
    double *de = calloc((size_t)a.x_width + 1, sizeof *de);
    for (int64_t e = 0; e < a.rows * a.rows; e++)
        add_gradient(&a, e / a.rows, e % a.rows, de);
    free(de);
    triangles_free(&a);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_relation_rows x = venn_relation_rows_of(n, 0), t = venn_relation_rows_of(n, 1);
    const double pairs = (double)x.count * (double)x.count, width = (double)(x.width + t.width);
    cost->flops = pairs * ((double)x.count * (2 * width + 4) + 4 * width);
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->in[1]->count);
}

const venn_op_desc venn_op_rkd_angle = {
    .name = "rkd_angle",
    .summary = "mean of smooth L1 of the cosines in all triangles of x's rows, and of t's",
    .inputs = {{"x"}, {"t", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .shape = venn_relation_shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

venn_tensor venn_rkd_angle(venn_graph *g, venn_tensor x, venn_tensor t)
{
    return venn_op_apply(g, &venn_op_rkd_angle, (venn_tensor[]){x, t}, 2, NULL, NULL);
}

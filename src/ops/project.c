// project: y = x right, left x or left x right; or x less that
//          dx = left^T dy right^T, dright = (left x)^T dy, dleft = dy (x right)^T, of x less that -, and dx + dy
#include <stdlib.h>
#include <string.h>

#include "venn/ops.h"
#include "graph/op.h"

enum { X, RIGHT, LEFT, N_IN };

typedef struct project_params {
    bool complement;
} project_params;

static bool is_complement(const venn_node *n)
{
    return ((const project_params *)n->params)->complement;
}

static bool is_square(const venn_value *v, int64_t size)
{
    return !v || (v->shape.rank == 2 && v->shape.dim[0] == size && v->shape.dim[1] == size);
}

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[X]->shape;
    if (x->rank != 2 || !is_square(n->in[RIGHT], x->dim[1]) || !is_square(n->in[LEFT], x->dim[0]))
        return venn_node_error(n, "x must be [M, N], right [N, N], left [M, M]");
    if (!n->in[RIGHT] && !n->in[LEFT])
        return venn_node_error(n, "neither right nor left is given");
    venn_node_output(n, 0, VENN_F32, *x);
    return true;
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    venn_tensor y = in[X];
    if (n->in[RIGHT])
        y = venn_matmul(g, y, in[RIGHT], VENN_NONE, NULL);
    if (n->in[LEFT])
        y = venn_matmul(g, in[LEFT], y, VENN_NONE, NULL);
    out[0] = is_complement(n) ? venn_sub(g, in[X], y) : y;
    return true;
}

// ---- Reference -------------------------------------------------------------------------------

typedef struct matrix {
    const double *e; // NULL: the identity
    int64_t row, column;
} matrix;

static double at(matrix m, int64_t row, int64_t column)
{
    return m.e ? m.e[row * m.row + column * m.column] : row == column;
}

// a [m, k] times b [k, n]; malloc'd.
static double *product(matrix a, matrix b, int64_t m, int64_t k, int64_t n)
{
    double *y = calloc((size_t)(m * n) + 1, sizeof *y);
    for (int64_t e = 0; e < m * n; e++) {
        const int64_t row = e / n, column = e % n;
        // The identity is skipped: a sum over it would be as slow as one over any matrix.
        if (!a.e)
            y[e] = at(b, row, column);
        else if (!b.e)
            y[e] = at(a, row, column);
        for (int64_t i = 0; i < k && a.e && b.e; i++)
            y[e] += at(a, row, i) * at(b, i, column);
    }
    return y;
}

// a b c, [m, n], into y with a factor.
static void triple(matrix a, matrix b, matrix c, int64_t m, int64_t n, double factor, double *y)
{
    double *first = product(a, b, m, m, n);
    double *both = product((matrix){first, n, 1}, c, m, n, n);
    for (int64_t e = 0; e < m * n; e++)
        y[e] = factor * both[e];
    free(first);
    free(both);
}

// y += factor a b, [m, m].
static void add_product(matrix a, matrix b, int64_t m, int64_t k, double factor, double *y)
{
    double *ab = product(a, b, m, k, m);
    for (int64_t e = 0; e < m * m; e++)
        y[e] += factor * ab[e];
    free(ab);
}

static void ref(const venn_ref *r)
{
    const int64_t m = r->node->in[X]->shape.dim[0], n = r->node->in[X]->shape.dim[1];
    const bool complement = is_complement(r->node);
    triple((matrix){r->x[LEFT], m, 1}, (matrix){r->x[X], n, 1}, (matrix){r->x[RIGHT], n, 1}, m, n,
           complement ? -1 : 1, r->y[0]);
    for (int64_t e = 0; e < m * n && complement; e++)
        r->y[0][e] += r->x[X][e];
}

static void ref_grad(const venn_ref *r)
{
    const int64_t m = r->node->in[X]->shape.dim[0], n = r->node->in[X]->shape.dim[1];
    const double sign = is_complement(r->node) ? -1 : 1;
    const matrix x = {r->x[X], n, 1}, dy = {r->dy[0], n, 1};
    const matrix left = {r->x[LEFT], m, 1}, right = {r->x[RIGHT], n, 1};
    if (r->dx[X]) {
        triple((matrix){left.e, 1, m}, dy, (matrix){right.e, 1, n}, m, n, sign, r->dx[X]);
        for (int64_t e = 0; e < m * n && sign < 0; e++)
            r->dx[X][e] += r->dy[0][e];
    }
    if (r->dx[RIGHT]) {
        double *left_x = product(left, x, m, m, n);
        add_product((matrix){left_x, 1, n}, dy, n, m, sign, r->dx[RIGHT]);
        free(left_x);
    }
    if (r->dx[LEFT]) {
        double *x_right = product(x, right, m, n, n);
        add_product(dy, (matrix){x_right, 1, n}, m, n, sign, r->dx[LEFT]);
        free(x_right);
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const double count = (double)n->in[X]->count;
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += n->in[i] ? 4.0 * (double)n->in[i]->count : 0;
    cost->bytes += 4.0 * count;
    cost->flops += n->in[RIGHT] ? 2.0 * count * (double)n->in[X]->shape.dim[1] : 0;
    cost->flops += n->n_in > LEFT && n->in[LEFT] ? 2.0 * count * (double)n->in[X]->shape.dim[0] : 0;
}

static const venn_param_def params[] = {{"complement", VENN_PARAM_BOOL,
                                         offsetof(project_params, complement), 1, NULL,
                                         "x less its projection; 0: the projection"},
                                        {0}};

const venn_op_desc venn_op_project = {
    .name = "project",
    .summary = "y = left x right, or x less that",
    .inputs = {{"x"},
               {"right", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL},
               {"left", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL}},
    .n_inputs = N_IN,
    .n_outputs = 1,
    .params_size = sizeof(project_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_project(venn_graph *g, venn_tensor x, venn_tensor right, venn_tensor left,
                         bool complement)
{
    const project_params p = {complement};
    return venn_op_apply(g, &venn_op_project, (venn_tensor[]){x, right, left}, N_IN, &p, NULL);
}

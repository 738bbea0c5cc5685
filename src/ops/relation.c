// Shapes, parts and references of losses of relations (see relation.h).
#include <math.h>

#include "ops/relation.h"

bool venn_relation_shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape, *t = &n->in[1]->shape;
    if (x->rank < 2 || t->rank < 2 || x->dim[0] != t->dim[0])
        return venn_node_error(n, "x and t must be [N, ..] of the same N samples");
    venn_node_output(n, 0, VENN_F32, VENN_SCALAR);
    return true;
}

venn_relation_rows venn_relation_rows_of(const venn_node *n, int i)
{
    const venn_shape *shape = &n->in[i]->shape;
    venn_relation_rows rows = {shape->dim[0], 1};
    for (int axis = 1; axis < shape->rank; axis++)
        rows.width *= shape->dim[axis];
    return rows;
}

venn_tensor venn_relation_operand(venn_graph *g, const venn_node *n, const venn_tensor *in, int i)
{
    const venn_relation_rows rows = venn_relation_rows_of(n, i);
    const venn_tensor operand = i == 1 ? venn_stop_gradient(g, in[i]) : in[i];
    return n->in[i]->shape.rank == 2 ? operand
                                     : venn_reshape(g, operand, VENN_SHAPE(rows.count, rows.width));
}

venn_tensor venn_relation_inverse(venn_graph *g, venn_tensor x)
{
    // Roots of sums of squares are 0 or at least 1e-23, the root of the least number above 0.
    const venn_tensor zero = venn_fill(g, VENN_SCALAR, 0),
                      least = venn_fill(g, VENN_SCALAR, 1e-30f);
    return venn_div(g, venn_greater(g, x, zero), venn_maximum(g, x, least));
}

double venn_relation_cost(double d)
{
    return fabs(d) < 1 ? d * d / 2 : fabs(d) - 0.5;
}

double venn_relation_slope(double d)
{
    return fmax(-1, fmin(1, d));
}

double venn_relation_distance(const double *x, int64_t width, int64_t i, int64_t j)
{
    double squares = 0;
    for (int64_t k = 0; k < width; k++) {
        const double d = x[i * width + k] - x[j * width + k];
        squares += d * d;
    }
    return sqrt(squares);
}

// What losses of relations among samples share: operands x [N, ..] of the student and t [N, ..] of the
// teacher, numbers made of the rows of each, and the smooth L1 distance of these.
#ifndef VENN_OPS_RELATION_H
#define VENN_OPS_RELATION_H

#include "graph/op.h"
#include "venn/ops.h"

// Output 0 is a scalar.
bool venn_relation_shape(venn_node *n);

// Operand i as rows: N of them, each of `width` numbers.
typedef struct venn_relation_rows {
    int64_t count, width;
} venn_relation_rows;
venn_relation_rows venn_relation_rows_of(const venn_node *n, int i);

// For composites. The operand as [N, width]; the teacher's is a constant.
venn_tensor venn_relation_operand(venn_graph *g, const venn_node *n, const venn_tensor *in, int i);
// 1 / x, but 0 where x, which is not negative, is 0; no gradient passes there.
venn_tensor venn_relation_inverse(venn_graph *g, venn_tensor x);

// For references. Smooth L1 of d, and its slope.
double venn_relation_cost(double d);
double venn_relation_slope(double d);
// |a - b| of rows i and j of x [.., width].
double venn_relation_distance(const double *x, int64_t width, int64_t i, int64_t j);

#endif

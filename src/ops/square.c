// square: y = x^2
//         dx = 2 x dy
#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return x * x;
}

static double slope(const float c[2], double x)
{
    (void)c;
    return 2 * x;
}

static const venn_unary unary = {1, value, slope, NULL};

const venn_op_desc venn_op_square = {
    .name = "square",
    .summary = "y = x^2",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_square(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_square, &x, 1, NULL, NULL);
}

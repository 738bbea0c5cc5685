// abs: y = |x|
//      dx = sign(x) dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return fabs(x);
}

static double slope(const float c[2], double x)
{
    (void)c;
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static const venn_unary unary = {1, value, slope, NULL};

const venn_op_desc venn_op_abs = {
    .name = "abs",
    .summary = "y = |x|",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_abs(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_abs, &x, 1, NULL, NULL);
}

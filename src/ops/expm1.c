// expm1: y = e^x - 1, without the loss near 0
//        dx = e^x dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return expm1(x);
}

static double slope(const float c[2], double x)
{
    (void)c;
    return exp(x);
}

static const venn_unary unary = {20, value, slope, NULL};

const venn_op_desc venn_op_expm1 = {
    .name = "expm1",
    .summary = "y = e^x - 1",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_expm1(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_expm1, &x, 1, NULL, NULL);
}

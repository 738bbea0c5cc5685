// reciprocal: y = 1 / x
//             dx = -dy / x^2
#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return 1 / x;
}

static double slope(const float c[2], double x)
{
    (void)c;
    return -1 / (x * x);
}

static const venn_unary unary = {1, value, slope, NULL};

const venn_op_desc venn_op_reciprocal = {
    .name = "reciprocal",
    .summary = "y = 1 / x",
    VENN_UNARY_OP(unary, VENN_POSITIVE),
};

venn_tensor venn_reciprocal(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_reciprocal, &x, 1, NULL, NULL);
}

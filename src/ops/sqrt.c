// sqrt: y = square root of x
//       dx = dy / (2 y), 0 where x = 0, so that a norm that vanishes stops no training
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return sqrt(x);
}

static double slope(const float c[2], double x)
{
    (void)c;
    return x == 0 ? 0 : 0.5 / sqrt(x);
}

static const venn_unary unary = {1, value, slope, NULL};

const venn_op_desc venn_op_sqrt = {
    .name = "sqrt",
    .summary = "y = square root of x",
    VENN_UNARY_OP(unary, VENN_POSITIVE),
};

venn_tensor venn_sqrt(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_sqrt, &x, 1, NULL, NULL);
}

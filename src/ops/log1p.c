// log1p: y = ln(1 + x), without the loss near 0
//        dx = dy / (1 + x)
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return log1p(x);
}

static double slope(const float c[2], double x)
{
    (void)c;
    return 1 / (1 + x);
}

static const venn_unary unary = {20, value, slope, NULL};

const venn_op_desc venn_op_log1p = {
    .name = "log1p",
    .summary = "y = ln(1 + x)",
    VENN_UNARY_OP(unary, VENN_POSITIVE),
};

venn_tensor venn_log1p(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_log1p, &x, 1, NULL, NULL);
}

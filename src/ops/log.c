// log: y = ln x
//      dx = dy / x
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return log(x);
}

static double slope(const float c[2], double x)
{
    (void)c;
    return 1 / x;
}

static const venn_unary unary = {20, value, slope, NULL};

const venn_op_desc venn_op_log = {
    .name = "log",
    .summary = "y = ln x",
    VENN_UNARY_OP(unary, VENN_POSITIVE),
};

venn_tensor venn_log(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_log, &x, 1, NULL, NULL);
}

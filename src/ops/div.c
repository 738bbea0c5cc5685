// div: y = a / b, with broadcasting
//      da = dy / b and db = -dy a / b^2, each summed over the axes that were repeated
#include "ops/binary.h"
#include "venn/ops.h"

static double value(double a, double b)
{
    return a / b;
}

static double slope_a(double a, double b)
{
    (void)a;
    return 1 / b;
}

static double slope_b(double a, double b)
{
    return -a / (b * b);
}

static const venn_binary binary = {2, value, {slope_a, slope_b}};

const venn_op_desc venn_op_div = {
    .name = "div",
    .summary = "y = a / b, with broadcasting",
    VENN_BINARY_OP(binary, VENN_POSITIVE),
};

venn_tensor venn_div(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_div, (venn_tensor[]){a, b}, 2, NULL, NULL);
}

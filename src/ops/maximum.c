// maximum: y = the larger of a and b, with broadcasting
//          dy goes to the larger, a half to each of equals, and to both where one is NaN
#include <math.h>

#include "ops/binary.h"
#include "venn/ops.h"

static double value(double a, double b)
{
    return a > b || isnan(a) ? a : b;
}

static double slope_a(double a, double b)
{
    return a == b ? 0.5 : a < b ? 0 : 1;
}

static double slope_b(double a, double b)
{
    return a == b ? 0.5 : a > b ? 0 : 1;
}

static const venn_binary binary = {1, value, {slope_a, slope_b}};

const venn_op_desc venn_op_maximum = {
    .name = "maximum",
    .summary = "y = the larger of a and b, with broadcasting",
    VENN_BINARY_OP(binary, VENN_ANY),
};

venn_tensor venn_maximum(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_maximum, (venn_tensor[]){a, b}, 2, NULL, NULL);
}

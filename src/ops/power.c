// power: y = a^b, with broadcasting
//        da = dy b a^(b - 1) and db = dy y ln a, each summed over the axes that were repeated
#include <math.h>

#include "ops/binary.h"
#include "venn/ops.h"

static double value(double a, double b)
{
    return pow(a, b);
}

static double slope_a(double a, double b)
{
    return b == 0 ? 0 : b * pow(a, b - 1);
}

static double slope_b(double a, double b)
{
    return a == 0 && b >= 0 ? 0 : pow(a, b) * log(a);
}

static const venn_binary binary = {80, value, {slope_a, slope_b}};

const venn_op_desc venn_op_power = {
    .name = "power",
    .summary = "y = a^b, with broadcasting",
    VENN_BINARY_OP(binary, VENN_POSITIVE),
};

venn_tensor venn_power(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_power, (venn_tensor[]){a, b}, 2, NULL, NULL);
}

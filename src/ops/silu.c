// silu: y = x s, s = 1 / (1 + e^-x)
//       dx = (s + x s (1 - s)) dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return x / (1 + exp(-x));
}

static double slope(const float c[2], double x)
{
    (void)c;
    const double s = 1 / (1 + exp(-x));
    return s + x * s * (1 - s);
}

static const venn_unary unary = {25, value, slope, NULL};

const venn_op_desc venn_op_silu = {
    .name = "silu",
    .summary = "y = x / (1 + e^-x)",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_silu(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_silu, &x, 1, NULL, NULL);
}

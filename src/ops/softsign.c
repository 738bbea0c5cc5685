// softsign: y = x / (1 + |x|)
//           dx = dy / (1 + |x|)^2
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return x / (1 + fabs(x));
}

static double slope(const float c[2], double x)
{
    (void)c;
    return 1 / ((1 + fabs(x)) * (1 + fabs(x)));
}

static const venn_unary unary = {3, value, slope, NULL};

const venn_op_desc venn_op_softsign = {
    .name = "softsign",
    .summary = "y = x / (1 + |x|)",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_softsign(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_softsign, &x, 1, NULL, NULL);
}

// exp: y = e^x
//      dx = y dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return exp(x);
}

static const venn_unary unary = {20, value, value, NULL};

const venn_op_desc venn_op_exp = {
    .name = "exp",
    .summary = "y = e^x",
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_exp(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_exp, &x, 1, NULL, NULL);
}

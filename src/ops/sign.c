// sign: y = 1 where x > 0, -1 where x < 0, else x
//       not differentiable
#include "ops/unary.h"
#include "venn/ops.h"

static double value(const float c[2], double x)
{
    (void)c;
    return x > 0 ? 1 : x < 0 ? -1 : x;
}

static const venn_unary unary = {1, value, NULL, NULL};

const venn_op_desc venn_op_sign = {
    .name = "sign",
    .summary = "y = 1 where x > 0, -1 where x < 0, else x",
    VENN_UNARY_FLAT_OP(unary, VENN_ANY),
};

venn_tensor venn_sign(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_sign, &x, 1, NULL, NULL);
}

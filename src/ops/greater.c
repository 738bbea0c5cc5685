// greater: y = 1 where a > b, else 0, with broadcasting
//          not differentiable
#include "ops/binary.h"
#include "venn/ops.h"

static double value(double a, double b)
{
    return a > b;
}

static const venn_binary binary = {1, value, {NULL}};

const venn_op_desc venn_op_greater = {
    .name = "greater",
    .summary = "y = 1 where a > b, else 0, with broadcasting",
    VENN_BINARY_FLAT_OP(binary, VENN_BINARY),
};

venn_tensor venn_greater(venn_graph *g, venn_tensor a, venn_tensor b)
{
    return venn_op_apply(g, &venn_op_greater, (venn_tensor[]){a, b}, 2, NULL, NULL);
}

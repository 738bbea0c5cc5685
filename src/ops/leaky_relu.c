// leaky_relu: y = x where x > 0, else slope x
//             dx = dy where x > 0, else slope dy
#include "ops/unary.h"
#include "venn/ops.h"

static void constants(const void *params, float c[2])
{
    const venn_leaky_relu_params *p = params;
    c[0] = p->slope != 0 ? p->slope : 0.01f;
}

static double value(const float c[2], double x)
{
    return x < 0 ? c[0] * x : x;
}

static double slope(const float c[2], double x)
{
    return x > 0 ? 1 : c[0];
}

static const venn_unary unary = {1, value, slope, constants};

static const venn_param_def params[] = {{"slope", VENN_PARAM_FLOAT,
                                         offsetof(venn_leaky_relu_params, slope), 1, NULL,
                                         "of the negative side; 0: 0.01"},
                                        {0}};

const venn_op_desc venn_op_leaky_relu = {
    .name = "leaky_relu",
    .summary = "y = x where x > 0, else slope x",
    .params_size = sizeof(venn_leaky_relu_params),
    .params = params,
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_leaky_relu(venn_graph *g, venn_tensor x, const venn_leaky_relu_params *p)
{
    return venn_op_apply(g, &venn_op_leaky_relu, &x, 1, p, NULL);
}

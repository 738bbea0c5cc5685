// softplus: y = ln(1 + e^(beta x)) / beta, x itself where beta x > threshold
//           dx = dy / (1 + e^(-beta x)), dy above the threshold
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static void constants(const void *params, float c[2])
{
    const venn_softplus_params *p = params;
    c[0] = p->beta != 0 ? p->beta : 1;
    c[1] = p->threshold != 0 ? p->threshold : 20;
}

static double value(const float c[2], double x)
{
    const double z = c[0] * x;
    return z > c[1] ? x : (fmax(z, 0) + log1p(exp(-fabs(z)))) / c[0];
}

static double slope(const float c[2], double x)
{
    const double z = c[0] * x;
    return z > c[1] ? 1 : 1 / (1 + exp(-z));
}

static const venn_unary unary = {40, value, slope, constants};

static const venn_param_def params[] = {
    {"beta", VENN_PARAM_FLOAT, offsetof(venn_softplus_params, beta), 1, NULL, "sharpness; 0: 1"},
    {"threshold", VENN_PARAM_FLOAT, offsetof(venn_softplus_params, threshold), 1, NULL,
     "y = x where beta x is above; 0: 20"},
    {0}};

const venn_op_desc venn_op_softplus = {
    .name = "softplus",
    .summary = "y = ln(1 + e^(beta x)) / beta",
    .params_size = sizeof(venn_softplus_params),
    .params = params,
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_softplus(venn_graph *g, venn_tensor x, const venn_softplus_params *p)
{
    return venn_op_apply(g, &venn_op_softplus, &x, 1, p, NULL);
}

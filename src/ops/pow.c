// pow: y = x^e for a constant e
//      dx = e x^(e - 1) dy, 0 for e = 0
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

typedef struct pow_params {
    float exponent;
} pow_params;

static double value(const float c[2], double x)
{
    return pow(x, c[0]);
}

static double slope(const float c[2], double x)
{
    return c[0] == 0 ? 0 : c[0] * pow(x, c[0] - 1.0);
}

static const venn_unary unary = {80, value, slope, NULL};

static const venn_param_def params[] = {
    {"exponent", VENN_PARAM_FLOAT, offsetof(pow_params, exponent), 1, NULL, "e; 0: y is 1"}, {0}};

const venn_op_desc venn_op_pow = {
    .name = "pow",
    .summary = "y = x^e for a constant e",
    .params_size = sizeof(pow_params),
    .params = params,
    VENN_UNARY_OP(unary, VENN_POSITIVE),
};

venn_tensor venn_pow(venn_graph *g, venn_tensor x, float exponent)
{
    return venn_op_apply(g, &venn_op_pow, &x, 1, &(pow_params){exponent}, NULL);
}

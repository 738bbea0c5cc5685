// smoothed_relu: y = 0 below 0; x^q / (q b^(q - 1)) up to b; x - (1 - 1 / q) b above
//                dx = 0, (x / b)^(q - 1) dy, dy
#include <math.h>

#include "ops/unary.h"
#include "venn/ops.h"

static void constants(const void *params, float c[2])
{
    const venn_smoothed_relu_params *p = params;
    c[0] = p->power != 0 ? p->power : 4;
    c[1] = p->bend != 0 ? p->bend : 1.0f / 3;
}

static double value(const float c[2], double x)
{
    const double q = c[0], b = c[1];
    return x <= 0 ? 0 : x <= b ? pow(x, q) / (q * pow(b, q - 1)) : x - (1 - 1 / q) * b;
}

static double slope(const float c[2], double x)
{
    return x <= 0 ? 0 : x <= c[1] ? pow(x / c[1], c[0] - 1.0) : x > c[1] ? 1 : x;
}

static const venn_unary unary = {80, value, slope, constants};

static const venn_param_def params[] = {
    {"power", VENN_PARAM_FLOAT, offsetof(venn_smoothed_relu_params, power), 1, NULL,
     "q > 1, of the bent part; 0: 4"},
    {"bend", VENN_PARAM_FLOAT, offsetof(venn_smoothed_relu_params, bend), 1, NULL,
     "b > 0, where the straight part begins; 0: 1/3"},
    {0}};

const venn_op_desc venn_op_smoothed_relu = {
    .name = "smoothed_relu",
    .summary = "y = 0 below 0, x^q / (q b^(q - 1)) up to b, x - (1 - 1 / q) b above",
    .params_size = sizeof(venn_smoothed_relu_params),
    .params = params,
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_smoothed_relu(venn_graph *g, venn_tensor x, const venn_smoothed_relu_params *p)
{
    return venn_op_apply(g, &venn_op_smoothed_relu, &x, 1, p, NULL);
}

// clamp: y = x, but no less than min and no more than max
//        dx = dy where min <= x <= max, else 0
#include "ops/unary.h"
#include "venn/ops.h"

typedef struct clamp_params {
    float min, max;
} clamp_params;

static double value(const float c[2], double x)
{
    return x > c[1] ? c[1] : x < c[0] ? c[0] : x;
}

static double slope(const float c[2], double x)
{
    return x >= c[0] && x <= c[1];
}

static const venn_unary unary = {1, value, slope, NULL};

static const venn_param_def params[] = {
    {"min", VENN_PARAM_FLOAT, offsetof(clamp_params, min), 1, NULL, "least value; 0: zero"},
    {"max", VENN_PARAM_FLOAT, offsetof(clamp_params, max), 1, NULL, "greatest value; 0: zero"},
    {0}};

const venn_op_desc venn_op_clamp = {
    .name = "clamp",
    .summary = "y = x, but no less than min and no more than max",
    .params_size = sizeof(clamp_params),
    .params = params,
    VENN_UNARY_OP(unary, VENN_ANY),
};

venn_tensor venn_clamp(venn_graph *g, venn_tensor x, float min, float max)
{
    return venn_op_apply(g, &venn_op_clamp, &x, 1, &(clamp_params){min, max}, NULL);
}

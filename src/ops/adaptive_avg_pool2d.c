// adaptive_avg_pool2d: y[b, c, i, j] = mean of x[b, c, h, w] over the bin (i, j)
//                      dx = sum over the bins that hold this element of dy / elements of the bin
#include "ops/resample.h"
#include "venn/ops.h"

static bool check(venn_node *n)
{
    const venn_adaptive_pool2d_params *p = n->params;
    return venn_resample_check(n, p->size);
}

static venn_resample map_of(const venn_node *n)
{
    const venn_adaptive_pool2d_params *p = n->params;
    return venn_resample_to(n, VENN_RESAMPLE_AREA, p->size);
}

VENN_RESAMPLE_OP(check, map_of)

static const venn_param_def params[] = {
    {"size", VENN_PARAM_INTS, offsetof(venn_adaptive_pool2d_params, size), 2,
     .doc = "bins, down and across (default: as many as x has pixels)"},
    {NULL}};

const venn_op_desc venn_op_adaptive_avg_pool2d = {
    .name = "adaptive_avg_pool2d",
    .summary = "y = mean of x [B, C, H, W] over each of so many bins",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_adaptive_pool2d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_adaptive_avg_pool2d(venn_graph *g, venn_tensor x,
                                     const venn_adaptive_pool2d_params *p)
{
    return venn_op_apply(g, &venn_op_adaptive_avg_pool2d, &x, 1, p, NULL);
}

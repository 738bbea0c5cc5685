// max_pool3d: y = max of x over each window
//             dx = sum of dy over the windows that chose this element
#include "ops/pool_nd.h"

VENN_POOL_OP(venn_pool3d_fields, max)

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = venn_pool3d_build(g, n, in[0], venn_max_pool2d);
    return true;
}

const venn_op_desc venn_op_max_pool3d = {
    .name = "max_pool3d",
    .summary = "y = max of x [B, C, D, H, W] over each window",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_pool3d_params),
    .params = venn_pool3d_param_defs,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_max_pool3d(venn_graph *g, venn_tensor x, const venn_pool3d_params *params)
{
    return venn_op_apply(g, &venn_op_max_pool3d, &x, 1, params, NULL);
}

// avg_pool1d: y = mean of x over each window, 0 in the padding
//             dx = (sum of dy over the windows that hold this element) / elements of the window
#include "ops/pool_nd.h"

VENN_POOL_OP(venn_pool1d_fields, avg)

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    out[0] = venn_pool1d_build(g, n, in[0], venn_avg_pool2d);
    return true;
}

const venn_op_desc venn_op_avg_pool1d = {
    .name = "avg_pool1d",
    .summary = "y = mean of x [B, C, L] over each window, padding counted",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_pool1d_params),
    .params = venn_pool1d_param_defs,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_avg_pool1d(venn_graph *g, venn_tensor x, const venn_pool1d_params *params)
{
    return venn_op_apply(g, &venn_op_avg_pool1d, &x, 1, params, NULL);
}

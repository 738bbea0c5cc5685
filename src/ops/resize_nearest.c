// resize_nearest: y[b, c, i, j] = x[b, c, floor(i H / OH), floor(j W / OW)]
//                 dx = sum of dy over the copies
#include "ops/resample.h"
#include "venn/ops.h"

static bool check(venn_node *n)
{
    const venn_resize_nearest_params *p = n->params;
    return venn_resample_check(n, p->size);
}

static venn_resample map_of(const venn_node *n)
{
    const venn_resize_nearest_params *p = n->params;
    return venn_resample_to(n, VENN_RESAMPLE_NEAREST, p->size);
}

VENN_RESAMPLE_OP(check, map_of)

static const venn_param_def params[] = {{"size", VENN_PARAM_INTS,
                                         offsetof(venn_resize_nearest_params, size), 2,
                                         .doc = "height and width of y (default: of x)"},
                                        {NULL}};

const venn_op_desc venn_op_resize_nearest = {
    .name = "resize_nearest",
    .summary = "y = x [B, C, H, W] at another size, by copies",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_resize_nearest_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_resize_nearest(venn_graph *g, venn_tensor x, const venn_resize_nearest_params *p)
{
    return venn_op_apply(g, &venn_op_resize_nearest, &x, 1, p, NULL);
}

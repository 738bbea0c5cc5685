// resize_bilinear: y[b, c, i, j] = x between pixels, the nearer ones weighing more
//                  dx = dy weighed alike
#include "ops/resample.h"
#include "venn/ops.h"

static bool check(venn_node *n)
{
    const venn_resize_bilinear_params *p = n->params;
    return venn_resample_check(n, p->size);
}

static venn_resample map_of(const venn_node *n)
{
    const venn_resize_bilinear_params *p = n->params;
    const venn_resample_kind kind = p->align_corners ? VENN_RESAMPLE_CORNERS : VENN_RESAMPLE_LINEAR;
    return venn_resample_to(n, kind, p->size);
}

VENN_RESAMPLE_OP(check, map_of)

static const venn_param_def params[] = {
    {"size", VENN_PARAM_INTS, offsetof(venn_resize_bilinear_params, size), 2,
     .doc = "height and width of y (default: of x)"},
    {"align_corners", VENN_PARAM_BOOL, offsetof(venn_resize_bilinear_params, align_corners),
     .doc = "the centres of corner pixels coincide (default: their outer corners)"},
    {NULL}};

const venn_op_desc venn_op_resize_bilinear = {
    .name = "resize_bilinear",
    .summary = "y = x [B, C, H, W] at another size, interpolated",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_resize_bilinear_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_resize_bilinear(venn_graph *g, venn_tensor x, const venn_resize_bilinear_params *p)
{
    return venn_op_apply(g, &venn_op_resize_bilinear, &x, 1, p, NULL);
}

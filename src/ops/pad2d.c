// pad2d: y = x with a border of zeros or of x's own pixels
//        dx = sum of dy over the copies of this element
#include "ops/border.h"

enum { TOP, BOTTOM, LEFT, RIGHT };

static bool check(venn_node *n)
{
    const venn_pad2d_params *p = n->params;
    if (!venn_resample_check(n, (const int32_t[2]){0, 0}))
        return false;
    for (int side = TOP; side <= RIGHT; side++)
        if (p->pad[side] < 0 ||
            p->pad[side] > venn_border_widest(p->mode, n->in[0]->shape.dim[2 + side / 2]))
            return venn_node_error(n, "a border of %d is more than the image can fill",
                                   (int)p->pad[side]);
    return true;
}

static venn_resample map_of(const venn_node *n)
{
    const venn_pad2d_params *p = n->params;
    venn_resample map = venn_resample_to(n, venn_border_kind(p->mode), (const int32_t[2]){0, 0});
    for (int i = 0; i < 2; i++) {
        map.before[i] = p->pad[2 * i];
        map.y[i] = map.x[i] + p->pad[2 * i] + p->pad[2 * i + 1];
    }
    return map;
}

VENN_RESAMPLE_OP(check, map_of)

static const venn_param_def params[] = {
    {"pad", VENN_PARAM_INTS, offsetof(venn_pad2d_params, pad), 4,
     .doc = "pixels at the top, bottom, left and right (default 0)"},
    {"mode", VENN_PARAM_ENUM, offsetof(venn_pad2d_params, mode), .names = venn_pad_mode_names,
     .doc = "what the border is filled with (default zero)"},
    {NULL}};

const venn_op_desc venn_op_pad2d = {
    .name = "pad2d",
    .summary = "y = x [B, C, H, W] with a border",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_pad2d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_pad2d(venn_graph *g, venn_tensor x, const venn_pad2d_params *p)
{
    return venn_op_apply(g, &venn_op_pad2d, &x, 1, p, NULL);
}

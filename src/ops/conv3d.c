// conv3d: conv2d over images whose channels are the slices that the kernel sees at each depth
//         gradients: of the parts
#include "ops/gemm.h"
#include "ops/unfold_depth.h"

static venn_conv_fields fields(const venn_node *n)
{
    const venn_conv3d_params *p = n->params;
    return (venn_conv_fields){3, p->stride, p->pad, p->dilation, NULL, p->groups, p->act};
}

VENN_CONV_ND_OP(fields)

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_conv3d_params *p = n->params;
    const venn_conv_nd o = venn_conv_nd_of(n, fields(n));
    const venn_unfold_depth slices = venn_unfold_depth_of(&o);
    const venn_conv2d_params flat = {.stride = {p->stride[1], p->stride[2]},
                                     .pad = {p->pad[1], p->pad[2]},
                                     .dilation = {p->dilation[1], p->dilation[2]},
                                     .groups = p->groups,
                                     .act = p->act};
    const int64_t k = o.groups * o.k;
    const venn_transpose_params swap = {.perm = {0, 2, 1, 3}};
    venn_tensor y = venn_conv2d(g, venn_depth_unfold(g, in[0], &slices),
                                venn_depth_weights(g, in[1]), in[2], &flat);
    y = venn_reshape(g, y, VENN_SHAPE(o.batch, o.out[0], k, o.out[1] * o.out[2]));
    y = venn_transpose(g, y, &swap);
    out[0] = venn_reshape(g, y, VENN_SHAPE(o.batch, k, o.out[0], o.out[1], o.out[2]));
    return true;
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INTS, offsetof(venn_conv3d_params, stride), 3,
     .doc = "voxels from one output to the next: depth, height, width (default 1)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_conv3d_params, pad), 3,
     .doc = "zeros around x on each side (default 0)"},
    {"dilation", VENN_PARAM_INTS, offsetof(venn_conv3d_params, dilation), 3,
     .doc = "voxels from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv3d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv3d_params, act), .names = venn_activation_names,
     .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv3d = {
    .name = "conv3d",
    .summary = "y = act(cross-correlation of x [B, C, D, H, W] with w [K, C / groups, kd, kh, kw] "
               "+ bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv3d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_conv3d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv3d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv3d, in, 3, p, NULL);
}

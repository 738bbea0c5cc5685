// conv_transpose3d: conv_transpose2d of every slice, what it gives added up along the depth
//                   gradients: of the parts
#include "ops/gemm.h"
#include "ops/unfold_depth.h"

static venn_conv_fields fields(const venn_node *n)
{
    const venn_conv_transpose3d_params *p = n->params;
    return (venn_conv_fields){3, p->stride, p->pad, p->dilation, p->output_pad, p->groups, p->act};
}

VENN_CONV_ND_OP(fields)

static venn_tensor activate(venn_graph *g, venn_tensor x, venn_activation act)
{
    switch (act) {
    case VENN_ACT_RELU:
        return venn_relu(g, x);
    case VENN_ACT_SIGMOID:
        return venn_sigmoid(g, x);
    case VENN_ACT_TANH:
        return venn_tanh(g, x);
    default:
        return x;
    }
}

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_conv_transpose3d_params *p = n->params;
    const venn_conv_nd o = venn_conv_nd_of(n, fields(n));
    const venn_unfold_depth slices = venn_unfold_depth_of(&o);
    const venn_conv_transpose2d_params flat = {.stride = {p->stride[1], p->stride[2]},
                                               .pad = {p->pad[1], p->pad[2]},
                                               .output_pad = {p->output_pad[1], p->output_pad[2]},
                                               .dilation = {p->dilation[1], p->dilation[2]},
                                               .groups = p->groups};
    const int64_t k = o.groups * o.k;
    const venn_transpose_params swap = {.perm = {0, 2, 1, 3}};
    venn_tensor x = venn_reshape(g, in[0], VENN_SHAPE(o.batch, k, o.out[0], o.out[1] * o.out[2]));
    x = venn_transpose(g, x, &swap);
    x = venn_reshape(g, x, VENN_SHAPE(o.batch * o.out[0], k, o.out[1], o.out[2]));
    x = venn_conv_transpose2d(g, x, venn_depth_weights(g, in[1]), VENN_NONE, &flat);
    x = venn_depth_fold(g, x, &slices);
    if (in[2].id)
        x = venn_add(g, x, venn_reshape(g, in[2], VENN_SHAPE(o.groups * o.c, 1, 1, 1)));
    out[0] = activate(g, x, p->act);
    return true;
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INTS, offsetof(venn_conv_transpose3d_params, stride), 3,
     .doc = "voxels of y from one voxel of x to the next: depth, height, width (default 1)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_conv_transpose3d_params, pad), 3,
     .doc = "voxels cut off y on each side (default 0)"},
    {"output_pad", VENN_PARAM_INTS, offsetof(venn_conv_transpose3d_params, output_pad), 3,
     .doc = "voxels added to y at the far sides (default 0)"},
    {"dilation", VENN_PARAM_INTS, offsetof(venn_conv_transpose3d_params, dilation), 3,
     .doc = "voxels from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv_transpose3d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv_transpose3d_params, act),
     .names = venn_activation_names, .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv_transpose3d = {
    .name = "conv_transpose3d",
    .summary = "y = act(x [B, C, D, H, W] spread by w [C, K / groups, kd, kh, kw] + bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv_transpose3d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_conv_transpose3d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                                  const venn_conv_transpose3d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv_transpose3d, in, 3, p, NULL);
}

// conv1d: y[b, k, l] = act(sum over c, i of w[k, c, i] x[b, c, l s - p + i d] + bias[k]), as conv2d of images
//         of height 1
#include "ops/conv_nd.h"
#include "ops/gemm.h"
#include "ops/sequence_image.h"

static venn_conv_fields fields(const venn_node *n)
{
    const venn_conv1d_params *p = n->params;
    return (venn_conv_fields){1, &p->stride, &p->pad, &p->dilation, NULL, p->groups, p->act};
}

VENN_CONV_ND_OP(fields)

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_conv1d_params *p = n->params;
    const venn_conv2d_params flat = {.stride = {1, p->stride},
                                     .pad = {0, p->pad},
                                     .dilation = {1, p->dilation},
                                     .groups = p->groups,
                                     .act = p->act};
    const venn_tensor x = venn_sequence_to_image(g, in[0]), w = venn_sequence_to_image(g, in[1]);
    out[0] = venn_image_to_sequence(g, venn_conv2d(g, x, w, in[2], &flat));
    return true;
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INT, offsetof(venn_conv1d_params, stride),
     .doc = "positions from one output to the next (default 1)"},
    {"pad", VENN_PARAM_INT, offsetof(venn_conv1d_params, pad),
     .doc = "zeros at each end of x (default 0)"},
    {"dilation", VENN_PARAM_INT, offsetof(venn_conv1d_params, dilation),
     .doc = "positions from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv1d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv1d_params, act), .names = venn_activation_names,
     .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv1d = {
    .name = "conv1d",
    .summary = "y = act(cross-correlation of x [B, C, L] with w [K, C / groups, k] + bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv1d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_conv1d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv1d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv1d, in, 3, p, NULL);
}

// conv_transpose1d: y = act(what conv1d's data gradient makes of x + bias[k]), as conv_transpose2d of
//                   images of height 1
#include "ops/conv_nd.h"
#include "ops/gemm.h"
#include "ops/sequence_image.h"

static venn_conv_fields fields(const venn_node *n)
{
    const venn_conv_transpose1d_params *p = n->params;
    return (venn_conv_fields){1,         &p->stride, &p->pad, &p->dilation, &p->output_pad,
                              p->groups, p->act};
}

VENN_CONV_ND_OP(fields)

static bool build(venn_graph *g, const venn_node *n, const venn_tensor *in, venn_tensor *out)
{
    const venn_conv_transpose1d_params *p = n->params;
    const venn_conv_transpose2d_params flat = {.stride = {1, p->stride},
                                               .pad = {0, p->pad},
                                               .output_pad = {0, p->output_pad},
                                               .dilation = {1, p->dilation},
                                               .groups = p->groups,
                                               .act = p->act};
    const venn_tensor x = venn_sequence_to_image(g, in[0]), w = venn_sequence_to_image(g, in[1]);
    out[0] = venn_image_to_sequence(g, venn_conv_transpose2d(g, x, w, in[2], &flat));
    return true;
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INT, offsetof(venn_conv_transpose1d_params, stride),
     .doc = "positions of y from one position of x to the next (default 1)"},
    {"pad", VENN_PARAM_INT, offsetof(venn_conv_transpose1d_params, pad),
     .doc = "positions cut off y at each end (default 0)"},
    {"output_pad", VENN_PARAM_INT, offsetof(venn_conv_transpose1d_params, output_pad),
     .doc = "positions added to y at the end (default 0)"},
    {"dilation", VENN_PARAM_INT, offsetof(venn_conv_transpose1d_params, dilation),
     .doc = "positions from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv_transpose1d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv_transpose1d_params, act),
     .names = venn_activation_names, .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv_transpose1d = {
    .name = "conv_transpose1d",
    .summary = "y = act(x [B, C, L] spread by w [C, K / groups, k] + bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv_transpose1d_params),
    .params = params,
    .shape = shape,
    .build = build,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
    .half_parts = true,
};

venn_tensor venn_conv_transpose1d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                                  const venn_conv_transpose1d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv_transpose1d, in, 3, p, NULL);
}

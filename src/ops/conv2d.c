// conv2d: y[b, k, h, w] = act(sum over c, i, j of w[k, c, i, j] x[b, c, h s - p + i d, w s - p + j d] + bias[k])
//         dx, dw: the same sum taken over the other two; dbias = sum of dz over b, h, w; dz = dy act'(y)
#include "ops/conv2d_pass.h"
#include "ops/gemm.h"
#include "venn/ops.h"

static venn_conv_fields fields(const venn_node *n)
{
    const venn_conv2d_params *p = n->params;
    return (venn_conv_fields){2, p->stride, p->pad, p->dilation, NULL, p->groups, p->act};
}

VENN_CONV_ND_OP(fields)

static venn_conv geometry_of(const venn_node *n)
{
    const venn_conv_nd o = venn_conv_nd_of(n, fields(n));
    return venn_conv_flat(&o);
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const venn_conv o = geometry_of(n);
    return venn_conv_workspace(profile, &o, VENN_CONV_FORWARD);
}

static double rounding(const venn_profile *profile, const venn_node *n, bool is_gradient)
{
    const venn_conv o = geometry_of(n);
    return venn_conv_rounding(profile, &o, VENN_CONV_FORWARD, is_gradient);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_conv o = geometry_of(n);
    const venn_value *const in[] = {n->in[1], n->in[0]};
    venn_conv2d_record(r, n, &o, VENN_CONV_FORWARD, in, n->in[2], (int)fields(n).act);
}

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const venn_conv o = geometry_of(n);
    const venn_tensor dz = venn_gemm_mask(g, venn_out(n, 0), dy[0], (int)fields(n).act);
    if (need & 1)
        dx[0] = venn_conv_pass_apply(g, &o, VENN_CONV_DATA, venn_in(n, 1), dz);
    if (need & 2)
        dx[1] = venn_conv_pass_apply(g, &o, VENN_CONV_WEIGHT, dz, venn_in(n, 0));
    if (need & 4)
        dx[2] = venn_gemm_bias_gradient(g, dz, 1);
}

static const venn_param_def params[] = {
    {"stride", VENN_PARAM_INTS, offsetof(venn_conv2d_params, stride), 2,
     .doc = "pixels from one output to the next, height and width (default 1)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_conv2d_params, pad), 2,
     .doc = "zeros around x on each side (default 0)"},
    {"dilation", VENN_PARAM_INTS, offsetof(venn_conv2d_params, dilation), 2,
     .doc = "pixels from one tap to the next (default 1)"},
    {"groups", VENN_PARAM_INT, offsetof(venn_conv2d_params, groups),
     .doc = "channels are cut in so many independent groups (default 1)"},
    {"act", VENN_PARAM_ENUM, offsetof(venn_conv2d_params, act), .names = venn_activation_names,
     .doc = "activation of the result (default none)"},
    {NULL}};

const venn_op_desc venn_op_conv2d = {
    .name = "conv2d",
    .summary = "y = act(cross-correlation of x [B, C, H, W] with w [K, C / groups, kh, kw] + bias)",
    .inputs = {{"x"}, {"w"}, {"bias", .flags = VENN_IN_OPTIONAL}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(venn_conv2d_params),
    .params = params,
    .shape = shape,
    .workspace = workspace,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .rounding = rounding,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_conv2d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv2d_params *p)
{
    venn_tensor in[] = {x, w, bias};
    return venn_op_apply(g, &venn_op_conv2d, in, 3, p, NULL);
}

// Linear layers and convolutions of one, two and three axes.
#include "base/status.h"
#include "nn/layer.h"

static venn_status check_product(const venn_layer *l)
{
    if ((unsigned)l->init > VENN_INIT_SMALL)
        return venn_fail(VENN_BAD_ARG, "no such init, %d", (int)l->init);
    return venn_layer_at_least("out", l->out, 1);
}

// ---- Linear ----------------------------------------------------------------------------------

static venn_status resolve_linear(venn_layer *l, const venn_shape *in)
{
    if (in->rank != 1 && in->rank != 2)
        return venn_fail(VENN_BAD_SHAPE,
                         "it takes [D], or rows [T, D]; put a flatten layer before it");
    return check_product(l);
}

static int linear_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    const int64_t width = in->dim[in->rank - 1];
    return venn_layer_weights(l, VENN_SHAPE(l->out, width), (double)width, l->out, p);
}

static venn_tensor apply_linear(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_matmul_params params = {.trans_b = true, .act = venn_layer_activation(use)};
    return venn_matmul(g, x, use->params[0], use->params[1], &params);
}

const venn_layer_desc venn_layer_linear = {.name = "linear",
                                           .resolve = resolve_linear,
                                           .params = linear_params,
                                           .apply = apply_linear,
                                           .takes_activation = true};

// ---- Convolutions ----------------------------------------------------------------------------

static venn_status resolve_conv(venn_layer *l, const venn_shape *in)
{
    const int axes = venn_layer_axes(in);
    if (axes == 0)
        return VENN_BAD_SHAPE;
    VENN_TRY(venn_layer_window(l, axes, false));
    VENN_TRY(check_product(l));
    l->groups = l->groups ? l->groups : 1;
    if (l->groups < 1 || l->out % l->groups != 0)
        return venn_fail(VENN_BAD_ARG, "groups is %d, must divide out, %d", (int)l->groups,
                         (int)l->out);
    if (in->dim[0] % l->groups != 0)
        return venn_fail(VENN_BAD_SHAPE, "groups is %d, must divide the channels", (int)l->groups);
    return VENN_OK;
}

// Weights [to, from / groups, kernel..], and the taps of the kernel.
static venn_shape kernel_shape(const venn_layer *l, int64_t to, int64_t from, int axes,
                               double *taps)
{
    venn_shape shape = {.rank = 2 + axes, .dim = {to, from / l->groups}};
    *taps = 1;
    for (int i = 0; i < axes; i++) {
        shape.dim[2 + i] = l->kernel[i];
        *taps *= l->kernel[i];
    }
    return shape;
}

static int conv_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    double taps;
    const venn_shape shape = kernel_shape(l, l->out, in->dim[0], in->rank - 1, &taps);
    return venn_layer_weights(l, shape, (double)shape.dim[1] * taps, l->out * taps, p);
}

static int transposed_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    double taps;
    const venn_shape shape = kernel_shape(l, in->dim[0], l->out, in->rank - 1, &taps);
    return venn_layer_weights(l, shape, (double)shape.dim[1] * taps, (double)in->dim[0] * taps, p);
}

#define PAIR(field)                                                                                \
    {                                                                                              \
        (field)[0], (field)[1]                                                                     \
    }
#define TRIPLE(field)                                                                              \
    {                                                                                              \
        (field)[0], (field)[1], (field)[2]                                                         \
    }

static venn_tensor apply_conv(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    const venn_activation act = venn_layer_activation(use);
    const venn_conv1d_params one = {l->stride[0], l->padding[0], l->dilation[0], l->groups, act};
    const venn_conv2d_params two = {PAIR(l->stride), PAIR(l->padding), PAIR(l->dilation), l->groups,
                                    act};
    const venn_conv3d_params three = {TRIPLE(l->stride), TRIPLE(l->padding), TRIPLE(l->dilation),
                                      l->groups, act};
    switch (venn_tensor_shape(g, x).rank) {
    case 3:
        return venn_conv1d(g, x, use->params[0], use->params[1], &one);
    case 4:
        return venn_conv2d(g, x, use->params[0], use->params[1], &two);
    default:
        return venn_conv3d(g, x, use->params[0], use->params[1], &three);
    }
}

static venn_tensor apply_transposed(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    const venn_activation act = venn_layer_activation(use);
    const venn_conv_transpose1d_params one = {l->stride[0],   l->padding[0], l->output_padding[0],
                                              l->dilation[0], l->groups,     act};
    const venn_conv_transpose2d_params two = {
        PAIR(l->stride),   PAIR(l->padding), PAIR(l->output_padding),
        PAIR(l->dilation), l->groups,        act};
    const venn_conv_transpose3d_params three = {
        TRIPLE(l->stride),   TRIPLE(l->padding), TRIPLE(l->output_padding),
        TRIPLE(l->dilation), l->groups,          act};
    switch (venn_tensor_shape(g, x).rank) {
    case 3:
        return venn_conv_transpose1d(g, x, use->params[0], use->params[1], &one);
    case 4:
        return venn_conv_transpose2d(g, x, use->params[0], use->params[1], &two);
    default:
        return venn_conv_transpose3d(g, x, use->params[0], use->params[1], &three);
    }
}

const venn_layer_desc venn_layer_conv = {.name = "conv",
                                         .resolve = resolve_conv,
                                         .params = conv_params,
                                         .apply = apply_conv,
                                         .takes_activation = true};

const venn_layer_desc venn_layer_conv_transpose = {.name = "conv_transpose",
                                                   .resolve = resolve_conv,
                                                   .params = transposed_params,
                                                   .apply = apply_transposed,
                                                   .takes_activation = true};

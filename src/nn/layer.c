// What each kind of layer means (see layer.h and venn/nn.h).
#include <math.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "nn/layer.h"
#include "venn/ops.h"

const char *venn_layer_kind_name(venn_layer_kind kind)
{
    static const char *const name[] = {
        "linear",   "conv",     "batch_norm",      "relu",    "gelu",   "sigmoid", "tanh",
        "max_pool", "avg_pool", "global_avg_pool", "flatten", "dropout"};
    return name[kind];
}

// ---- Fields ----------------------------------------------------------------------------------

static void set_pair(int32_t pair[2], int32_t first, int32_t second)
{
    if (pair[0] == 0)
        pair[0] = first;
    if (pair[1] == 0)
        pair[1] = second != 0 ? second : pair[0];
}

static venn_status check_pair(const char *field, const int32_t pair[2], int32_t least)
{
    if (pair[0] < least || pair[1] < least)
        return venn_fail(VENN_BAD_ARG, "%s is %d, %d, must be at least %d", field, (int)pair[0],
                         (int)pair[1], (int)least);
    return VENN_OK;
}

static venn_status resolve_window(venn_layer *l)
{
    bool pool = l->kind != VENN_LAYER_CONV;
    set_pair(l->kernel, 0, 0);
    set_pair(l->stride, pool ? l->kernel[0] : 1, l->stride[0] == 0 && pool ? l->kernel[1] : 0);
    set_pair(l->dilation, 1, 0);
    if (l->groups == 0)
        l->groups = 1;
    VENN_TRY(check_pair("kernel", l->kernel, 1));
    VENN_TRY(check_pair("stride", l->stride, 1));
    VENN_TRY(check_pair("padding", l->padding, 0));
    return check_pair("dilation", l->dilation, 1);
}

venn_status venn_layer_resolve(venn_layer *l)
{
    switch (l->kind) {
    case VENN_LAYER_CONV:
        VENN_TRY(resolve_window(l));
        if (l->groups < 1 || l->out % l->groups != 0)
            return venn_fail(VENN_BAD_ARG, "groups is %d, must divide out, %d", (int)l->groups,
                             (int)l->out);
        // fall through
    case VENN_LAYER_LINEAR:
        if (l->out < 1)
            return venn_fail(VENN_BAD_ARG, "out is %d, must be at least 1", (int)l->out);
        return VENN_OK;
    case VENN_LAYER_MAX_POOL:
    case VENN_LAYER_AVG_POOL:
        return resolve_window(l);
    case VENN_LAYER_BATCH_NORM:
        l->eps = l->eps != 0 ? l->eps : 1e-5f;
        l->momentum = l->momentum != 0 ? l->momentum : 0.1f;
        if (!(l->eps > 0 && l->momentum > 0 && l->momentum <= 1))
            return venn_fail(VENN_BAD_ARG,
                             "eps %g, momentum %g: eps must be above 0 and momentum "
                             "in (0, 1]",
                             (double)l->eps, (double)l->momentum);
        if (l->sets < 0)
            return venn_fail(VENN_BAD_ARG, "sets is %d, must be at least 1", (int)l->sets);
        return VENN_OK;
    case VENN_LAYER_DROPOUT:
        l->p = l->p != 0 ? l->p : 0.5f;
        if (!(l->p > 0 && l->p < 1))
            return venn_fail(VENN_BAD_ARG, "p is %g, must be in (0, 1)", (double)l->p);
        return VENN_OK;
    case VENN_LAYER_RELU:
    case VENN_LAYER_GELU:
    case VENN_LAYER_SIGMOID:
    case VENN_LAYER_TANH:
    case VENN_LAYER_GLOBAL_AVG_POOL:
    case VENN_LAYER_FLATTEN:
        return VENN_OK;
    }
    return venn_fail(VENN_BAD_ARG, "no such kind of layer, %d", (int)l->kind);
}

// ---- Parameters ------------------------------------------------------------------------------

static void uniform(venn_layer_param *p, const char *suffix, venn_shape shape, double fan_in)
{
    float bound = fan_in > 0 ? (float)(1 / sqrt(fan_in)) : 0;
    *p = (venn_layer_param){.suffix = suffix, .shape = shape, .low = -bound, .high = bound};
}

static venn_status linear_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p,
                                 int *n)
{
    if (in->rank != 1)
        return venn_fail(VENN_BAD_SHAPE, "it takes [D]; put a flatten layer before it");
    uniform(&p[0], "weight", VENN_SHAPE(l->out, in->dim[0]), (double)in->dim[0]);
    uniform(&p[1], "bias", VENN_SHAPE(l->out), (double)in->dim[0]);
    *n = l->no_bias ? 1 : 2;
    return VENN_OK;
}

static venn_status check_image(const venn_shape *in)
{
    if (in->rank != 3)
        return venn_fail(VENN_BAD_SHAPE, "it takes [C, H, W]");
    return VENN_OK;
}

static venn_status conv_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p,
                               int *n)
{
    VENN_TRY(check_image(in));
    if (in->dim[0] % l->groups != 0)
        return venn_fail(VENN_BAD_SHAPE, "groups is %d, must divide the channels", (int)l->groups);
    int64_t channels = in->dim[0] / l->groups;
    double fan_in = (double)channels * l->kernel[0] * l->kernel[1];
    uniform(&p[0], "weight", VENN_SHAPE(l->out, channels, l->kernel[0], l->kernel[1]), fan_in);
    uniform(&p[1], "bias", VENN_SHAPE(l->out), fan_in);
    *n = l->no_bias ? 1 : 2;
    return VENN_OK;
}

static venn_status batch_norm_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p,
                                     int *n)
{
    if (in->rank != 1 && in->rank != 3)
        return venn_fail(VENN_BAD_SHAPE, "it takes [C] or [C, H, W]");
    venn_shape each = l->sets > 1 ? VENN_SHAPE(l->sets, in->dim[0]) : VENN_SHAPE(in->dim[0]);
    p[0] = (venn_layer_param){"weight", each, 1, 1, false};
    p[1] = (venn_layer_param){"bias", each, 0, 0, false};
    p[2] = (venn_layer_param){"running_mean", each, 0, 0, true};
    p[3] = (venn_layer_param){"running_var", each, 1, 1, true};
    *n = 4;
    return VENN_OK;
}

venn_status venn_layer_params(const venn_layer *l, const venn_shape *in,
                              venn_layer_param params[VENN_LAYER_MAX_PARAMS], int *n)
{
    *n = 0;
    switch (l->kind) {
    case VENN_LAYER_LINEAR:
        return linear_params(l, in, params, n);
    case VENN_LAYER_CONV:
        return conv_params(l, in, params, n);
    case VENN_LAYER_BATCH_NORM:
        return batch_norm_params(l, in, params, n);
    case VENN_LAYER_MAX_POOL:
    case VENN_LAYER_AVG_POOL:
    case VENN_LAYER_GLOBAL_AVG_POOL:
        return check_image(in);
    default:
        return VENN_OK;
    }
}

// ---- Ops -------------------------------------------------------------------------------------

static venn_activation activation(const venn_layer *l)
{
    if (!l)
        return VENN_ACT_NONE;
    switch (l->kind) {
    case VENN_LAYER_RELU:
        return VENN_ACT_RELU;
    case VENN_LAYER_SIGMOID:
        return VENN_ACT_SIGMOID;
    case VENN_LAYER_TANH:
        return VENN_ACT_TANH;
    default:
        return VENN_ACT_NONE;
    }
}

bool venn_layer_fuses(const venn_layer *before, const venn_layer *l)
{
    return (before->kind == VENN_LAYER_LINEAR || before->kind == VENN_LAYER_CONV) &&
           activation(l) != VENN_ACT_NONE;
}

static venn_tensor apply_linear(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    venn_matmul_params params = {.trans_b = true, .act = activation(use->epilogue)};
    return venn_matmul(g, x, use->params[0], use->params[1], &params);
}

static venn_tensor apply_flatten(venn_graph *g, venn_tensor x)
{
    venn_shape in = venn_tensor_shape(g, x);
    int64_t features = 1;
    for (int i = 1; i < in.rank; i++)
        features *= in.dim[i];
    return venn_reshape(g, x, VENN_SHAPE(in.dim[0], features));
}

static venn_tensor apply_conv(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    venn_conv2d_params params = {.stride = {l->stride[0], l->stride[1]},
                                 .pad = {l->padding[0], l->padding[1]},
                                 .dilation = {l->dilation[0], l->dilation[1]},
                                 .groups = l->groups,
                                 .act = activation(use->epilogue)};
    return venn_conv2d(g, x, use->params[0], use->params[1], &params);
}

static venn_tensor apply_pool(const venn_layer *l, venn_graph *g, venn_tensor x)
{
    venn_pool2d_params params = {.kernel = {l->kernel[0], l->kernel[1]},
                                 .stride = {l->stride[0], l->stride[1]},
                                 .pad = {l->padding[0], l->padding[1]}};
    return l->kind == VENN_LAYER_MAX_POOL ? venn_max_pool2d(g, x, &params)
                                          : venn_avg_pool2d(g, x, &params);
}

static venn_tensor row_of(venn_graph *g, venn_tensor table, int32_t row)
{
    venn_shape shape = venn_tensor_shape(g, table);
    return venn_reshape(g, venn_slice(g, table, 0, row, 1), VENN_SHAPE(shape.dim[1]));
}

static venn_tensor apply_batch_norm(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    venn_batch_norm_params params = {.mode =
                                         use->train ? VENN_BATCH_NORM_TRAIN : VENN_BATCH_NORM_EVAL,
                                     .eps = use->layer->eps,
                                     .momentum = use->layer->momentum};
    venn_tensor gamma = use->params[0], beta = use->params[1];
    if (use->layer->sets > 1) {
        if (use->set < 0 || use->set >= use->layer->sets) {
            venn_graph_fail(g, venn_fail(VENN_BAD_ARG, "batch norm of %d sets has no set %d",
                                         (int)use->layer->sets, (int)use->set));
            return VENN_NONE;
        }
        params.set = use->set;
        gamma = row_of(g, gamma, use->set);
        beta = row_of(g, beta, use->set);
    }
    return venn_batch_norm(g, x, gamma, beta, use->params[2], use->params[3], &params, NULL);
}

venn_tensor venn_layer_apply(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    switch (l->kind) {
    case VENN_LAYER_LINEAR:
        return apply_linear(use, g, x);
    case VENN_LAYER_CONV:
        return apply_conv(use, g, x);
    case VENN_LAYER_BATCH_NORM:
        return apply_batch_norm(use, g, x);
    case VENN_LAYER_RELU:
        return venn_relu(g, x);
    case VENN_LAYER_GELU:
        return venn_gelu(g, x, NULL);
    case VENN_LAYER_SIGMOID:
        return venn_sigmoid(g, x);
    case VENN_LAYER_TANH:
        return venn_tanh(g, x);
    case VENN_LAYER_MAX_POOL:
    case VENN_LAYER_AVG_POOL:
        return apply_pool(l, g, x);
    case VENN_LAYER_GLOBAL_AVG_POOL:
        return venn_global_avg_pool(g, x);
    case VENN_LAYER_FLATTEN:
        return apply_flatten(g, x);
    case VENN_LAYER_DROPOUT:
        return use->train ? venn_dropout(g, x, l->p) : x;
    }
    return VENN_NONE;
}

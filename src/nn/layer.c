// The table of kinds, and what they share (see layer.h).
#include <math.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "nn/layer.h"

static const venn_layer_desc *const table[VENN_LAYER_KINDS] = {
    [VENN_LAYER_LINEAR] = &venn_layer_linear,
    [VENN_LAYER_CONV] = &venn_layer_conv,
    [VENN_LAYER_CONV_TRANSPOSE] = &venn_layer_conv_transpose,
    [VENN_LAYER_BATCH_NORM] = &venn_layer_batch_norm,
    [VENN_LAYER_LAYER_NORM] = &venn_layer_layer_norm,
    [VENN_LAYER_RMS_NORM] = &venn_layer_rms_norm,
    [VENN_LAYER_GROUP_NORM] = &venn_layer_group_norm,
    [VENN_LAYER_INSTANCE_NORM] = &venn_layer_instance_norm,
    [VENN_LAYER_RELU] = &venn_layer_relu,
    [VENN_LAYER_GELU] = &venn_layer_gelu,
    [VENN_LAYER_SIGMOID] = &venn_layer_sigmoid,
    [VENN_LAYER_TANH] = &venn_layer_tanh,
    [VENN_LAYER_LEAKY_RELU] = &venn_layer_leaky_relu,
    [VENN_LAYER_SILU] = &venn_layer_silu,
    [VENN_LAYER_SOFTPLUS] = &venn_layer_softplus,
    [VENN_LAYER_SMOOTHED_RELU] = &venn_layer_smoothed_relu,
    [VENN_LAYER_MAX_POOL] = &venn_layer_max_pool,
    [VENN_LAYER_AVG_POOL] = &venn_layer_avg_pool,
    [VENN_LAYER_GLOBAL_AVG_POOL] = &venn_layer_global_avg_pool,
    [VENN_LAYER_ADAPTIVE_AVG_POOL] = &venn_layer_adaptive_avg_pool,
    [VENN_LAYER_ADAPTIVE_MAX_POOL] = &venn_layer_adaptive_max_pool,
    [VENN_LAYER_EMBEDDING] = &venn_layer_embedding,
    [VENN_LAYER_POSITIONS] = &venn_layer_positions,
    [VENN_LAYER_ATTENTION] = &venn_layer_attention,
    [VENN_LAYER_GRU] = &venn_layer_gru,
    [VENN_LAYER_LSTM] = &venn_layer_lstm,
    [VENN_LAYER_MEAN_POOL] = &venn_layer_mean_pool,
    [VENN_LAYER_SEQUENCE] = &venn_layer_sequence,
    [VENN_LAYER_FLATTEN] = &venn_layer_flatten,
    [VENN_LAYER_PAD] = &venn_layer_pad,
    [VENN_LAYER_RESIZE] = &venn_layer_resize,
    [VENN_LAYER_PIXEL_SHUFFLE] = &venn_layer_pixel_shuffle,
    [VENN_LAYER_PIXEL_UNSHUFFLE] = &venn_layer_pixel_unshuffle,
    [VENN_LAYER_DROPOUT] = &venn_layer_dropout,
    [VENN_LAYER_GAUSSIAN_NOISE] = &venn_layer_gaussian_noise,
    [VENN_LAYER_RESIDUAL] = &venn_layer_residual,
    [VENN_LAYER_BASIC_BLOCK] = &venn_layer_basic_block,
    [VENN_LAYER_BOTTLENECK] = &venn_layer_bottleneck,
    [VENN_LAYER_TRANSFORMER_BLOCK] = &venn_layer_transformer_block,
};

const venn_layer_desc *venn_layer_find(venn_layer_kind kind)
{
    return (unsigned)kind < VENN_LAYER_KINDS ? table[kind] : NULL;
}

const char *venn_layer_kind_name(venn_layer_kind kind)
{
    const venn_layer_desc *desc = venn_layer_find(kind);
    return desc ? desc->name : NULL;
}

size_t venn_layer_count(const venn_layer *layer)
{
    const venn_layer_desc *desc = venn_layer_find(layer->kind);
    size_t n = 1 + (desc && desc->paths ? VENN_LAYER_MAX_BLOCK : 0);
    for (size_t i = 0; i < layer->n_body; i++)
        n += venn_layer_count(&layer->body[i]);
    for (size_t i = 0; i < layer->n_shortcut; i++)
        n += venn_layer_count(&layer->shortcut[i]);
    return n;
}

bool venn_layer_fuses(const venn_layer *before, const venn_layer *layer)
{
    return venn_layer_find(before->kind)->takes_activation &&
           venn_layer_find(layer->kind)->activation != VENN_ACT_NONE;
}

venn_activation venn_layer_activation(const venn_layer_use *use)
{
    return use->epilogue ? venn_layer_find(use->epilogue->kind)->activation : VENN_ACT_NONE;
}

// ---- Checks ----------------------------------------------------------------------------------

int venn_layer_axes(const venn_shape *in)
{
    if (in->rank >= 2 && in->rank <= 4)
        return in->rank - 1;
    venn_fail(VENN_BAD_SHAPE, "it takes [C, L], [C, H, W] or [C, D, H, W]");
    return 0;
}

venn_status venn_layer_image(const venn_shape *in)
{
    return in->rank == 3 ? VENN_OK : venn_fail(VENN_BAD_SHAPE, "it takes [C, H, W]");
}

venn_status venn_layer_at_least(const char *field, int64_t value, int64_t least)
{
    if (value < least)
        return venn_fail(VENN_BAD_ARG, "%s is %lld, must be at least %lld", field, (long long)value,
                         (long long)least);
    return VENN_OK;
}

// ---- Windows ---------------------------------------------------------------------------------

// A triple for so many axes, with `otherwise` where nothing is given; numbers of the first kind for all.
static venn_status resolve_triple(const char *field, int32_t triple[3], int axes,
                                  const int32_t otherwise[3])
{
    for (int i = axes; i < 3; i++)
        if (triple[i] != 0)
            return venn_fail(VENN_BAD_ARG,
                             "%s has more numbers than the input has axes behind C, %d", field,
                             axes);
    const int32_t first = triple[0];
    for (int i = 0; i < axes; i++) {
        if (triple[i] == 0)
            triple[i] = first ? first : otherwise[i];
        VENN_TRY(venn_layer_at_least(field, triple[i], 1));
    }
    return VENN_OK;
}

// Zeros are numbers here, and those beyond the axes may be as the first.
static venn_status check_padding(const char *field, const int32_t triple[3], int axes)
{
    for (int i = 0; i < 3; i++) {
        VENN_TRY(venn_layer_at_least(field, triple[i], 0));
        if (i >= axes && triple[i] != 0 && triple[i] != triple[0])
            return venn_fail(VENN_BAD_ARG,
                             "%s has more numbers than the input has axes behind C, %d", field,
                             axes);
    }
    return VENN_OK;
}

venn_status venn_layer_window(venn_layer *l, int axes, bool pool)
{
    const int32_t none[3] = {0}, ones[3] = {1, 1, 1};
    VENN_TRY(resolve_triple("kernel", l->kernel, axes, none));
    VENN_TRY(resolve_triple("stride", l->stride, axes, pool ? l->kernel : ones));
    VENN_TRY(resolve_triple("dilation", l->dilation, axes, ones));
    VENN_TRY(check_padding("padding", l->padding, axes));
    return check_padding("output_padding", l->output_padding, axes);
}

// ---- Weights ---------------------------------------------------------------------------------

int venn_layer_weights(const venn_layer *l, venn_shape weight, double fan_in, double fan_out,
                       venn_layer_param params[VENN_LAYER_MAX_PARAMS])
{
    const float bound = fan_in > 0 ? (float)(1 / sqrt(fan_in)) : 0;
    const double sum = fan_in + fan_out;
    const float std[] = {
        [VENN_INIT_UNIFORM] = 0,
        [VENN_INIT_KAIMING] = (float)sqrt(2 / fan_out),
        [VENN_INIT_XAVIER] = (float)sqrt(2 / sum),
        [VENN_INIT_SMALL] = 0.02f,
    };
    const float limit = l->init == VENN_INIT_UNIFORM ? bound : 0;
    params[0] = (venn_layer_param){
        .suffix = "weight", .shape = weight, .low = -limit, .high = limit, .std = std[l->init]};
    params[1] = (venn_layer_param){
        .suffix = "bias", .shape = VENN_SHAPE(l->out), .low = -limit, .high = limit};
    return l->no_bias ? 1 : 2;
}

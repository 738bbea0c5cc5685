// Functions of each element.
#include <math.h>

#include "base/status.h"
#include "nn/layer.h"

#define SIMPLE(kind, act)                                                                          \
    static venn_tensor apply_##kind(const venn_layer_use *use, venn_graph *g, venn_tensor x)       \
    {                                                                                              \
        (void)use;                                                                                 \
        return venn_##kind(g, x);                                                                  \
    }                                                                                              \
    const venn_layer_desc venn_layer_##kind = {                                                    \
        .name = #kind, .apply = apply_##kind, .activation = (act)};

SIMPLE(relu, VENN_ACT_RELU)
SIMPLE(sigmoid, VENN_ACT_SIGMOID)
SIMPLE(tanh, VENN_ACT_TANH)
SIMPLE(silu, VENN_ACT_NONE)

static venn_status resolve_gelu(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if ((unsigned)l->approximate > VENN_GELU_TANH)
        return venn_fail(VENN_BAD_ARG, "no such approximation, %d", (int)l->approximate);
    return VENN_OK;
}

static venn_tensor apply_gelu(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_gelu(g, x, &(venn_gelu_params){.approximate = use->layer->approximate});
}

const venn_layer_desc venn_layer_gelu = {
    .name = "gelu", .resolve = resolve_gelu, .apply = apply_gelu};

static venn_status resolve_leaky_relu(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if (!isfinite(l->slope))
        return venn_fail(VENN_BAD_ARG, "slope is %g, must be finite", (double)l->slope);
    return VENN_OK;
}

static venn_tensor apply_leaky_relu(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_leaky_relu(g, x, &(venn_leaky_relu_params){.slope = use->layer->slope});
}

const venn_layer_desc venn_layer_leaky_relu = {
    .name = "leaky_relu", .resolve = resolve_leaky_relu, .apply = apply_leaky_relu};

static venn_status resolve_softplus(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if (!(l->beta >= 0 && l->threshold >= 0))
        return venn_fail(VENN_BAD_ARG, "beta %g and threshold %g must not be negative",
                         (double)l->beta, (double)l->threshold);
    return VENN_OK;
}

static venn_tensor apply_softplus(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_softplus(g, x, &(venn_softplus_params){use->layer->beta, use->layer->threshold});
}

const venn_layer_desc venn_layer_softplus = {
    .name = "softplus", .resolve = resolve_softplus, .apply = apply_softplus};

static venn_status resolve_smoothed_relu(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if (!(l->power == 0 || l->power > 1) || !(l->bend >= 0))
        return venn_fail(VENN_BAD_ARG, "power %g must be above 1 and bend %g above 0",
                         (double)l->power, (double)l->bend);
    return VENN_OK;
}

static venn_tensor apply_smoothed_relu(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_smoothed_relu(g, x,
                              &(venn_smoothed_relu_params){use->layer->power, use->layer->bend});
}

const venn_layer_desc venn_layer_smoothed_relu = {
    .name = "smoothed_relu", .resolve = resolve_smoothed_relu, .apply = apply_smoothed_relu};

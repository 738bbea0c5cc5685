// Blocks: layers whose inside is layers, on two ways that join again.
#include "base/status.h"
#include "nn/layer.h"

// ---- Residual --------------------------------------------------------------------------------

static venn_status resolve_residual(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if (l->n_body == 0)
        return venn_fail(VENN_BAD_ARG, "body is empty");
    if ((unsigned)l->join > VENN_JOIN_CONCAT)
        return venn_fail(VENN_BAD_ARG, "no such join, %d", (int)l->join);
    return VENN_OK;
}

static void residual_paths(const venn_layer *l, const venn_shape *in, venn_layer_paths *out)
{
    (void)in;
    out->body = l->body;
    out->n_body = l->n_body;
    out->shortcut = l->shortcut;
    out->n_shortcut = l->n_shortcut;
}

static venn_tensor join(const venn_layer *l, venn_graph *g, venn_tensor body, venn_tensor shortcut)
{
    return l->join == VENN_JOIN_CONCAT ? venn_concat(g, 2, (venn_tensor[]){body, shortcut}, 1)
                                       : venn_add(g, body, shortcut);
}

const venn_layer_desc venn_layer_residual = {
    .name = "residual", .resolve = resolve_residual, .paths = residual_paths, .join = join};

// ---- ResNet's --------------------------------------------------------------------------------

static venn_status resolve_block(venn_layer *l, const venn_shape *in)
{
    const int axes = venn_layer_axes(in);
    if (axes == 0)
        return VENN_BAD_SHAPE;
    if (l->kernel[0] || l->padding[0] || l->dilation[0])
        return venn_fail(VENN_BAD_ARG, "kernel, padding and dilation of the block are fixed");
    venn_layer window = *l;
    window.kernel[0] = 1;
    VENN_TRY(venn_layer_window(&window, axes, false));
    for (int i = 0; i < axes; i++)
        l->stride[i] = window.stride[i];
    l->init = l->init != VENN_INIT_UNIFORM ? l->init : VENN_INIT_KAIMING;
    l->groups = l->groups ? l->groups : 1;
    return venn_layer_at_least("out", l->out, 1);
}

static venn_status resolve_bottleneck(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(resolve_block(l, in));
    l->width = l->width ? l->width : l->out / 4;
    return venn_layer_at_least("width", l->width, 1);
}

typedef struct maker {
    const venn_layer *block;
    venn_layer *next;
} maker;

// A convolution with 3 or 1 taps along each axis that keeps the size but for its stride, and its norm.
static void add_conv(maker *m, int32_t out, int32_t taps, bool strided)
{
    venn_layer conv = {.kind = VENN_LAYER_CONV,
                       .out = out,
                       .kernel = {taps},
                       .groups = taps > 1 ? m->block->groups : 1,
                       .no_bias = true,
                       .init = m->block->init};
    for (int i = 0; i < 3; i++) {
        conv.padding[i] = taps / 2;
        conv.stride[i] = strided ? m->block->stride[i] : 0;
    }
    *m->next++ = conv;
    *m->next++ = (venn_layer){.kind = VENN_LAYER_BATCH_NORM, .sets = m->block->sets};
}

static void add_relu(maker *m)
{
    *m->next++ = (venn_layer){.kind = VENN_LAYER_RELU};
}

// The shortcut needs a convolution where the block changes the shape.
static void finish_paths(maker *m, const venn_shape *in, venn_layer_paths *out)
{
    bool same = in->dim[0] == m->block->out;
    for (int i = 0; i < in->rank - 1; i++)
        same &= m->block->stride[i] == 1;
    out->body = out->made;
    out->n_body = (size_t)(m->next - out->made);
    out->shortcut = m->next;
    if (!same)
        add_conv(m, m->block->out, 1, true);
    out->n_shortcut = (size_t)(m->next - out->shortcut);
}

static void basic_paths(const venn_layer *l, const venn_shape *in, venn_layer_paths *out)
{
    maker m = {l, out->made};
    add_conv(&m, l->out, 3, true);
    add_relu(&m);
    add_conv(&m, l->out, 3, false);
    finish_paths(&m, in, out);
}

static void bottleneck_paths(const venn_layer *l, const venn_shape *in, venn_layer_paths *out)
{
    maker m = {l, out->made};
    add_conv(&m, l->width, 1, false);
    add_relu(&m);
    add_conv(&m, l->width, 3, true);
    add_relu(&m);
    add_conv(&m, l->out, 1, false);
    finish_paths(&m, in, out);
}

static venn_tensor join_and_rectify(const venn_layer *l, venn_graph *g, venn_tensor body,
                                    venn_tensor shortcut)
{
    return venn_relu(g, join(l, g, body, shortcut));
}

const venn_layer_desc venn_layer_basic_block = {.name = "basic_block",
                                                .resolve = resolve_block,
                                                .paths = basic_paths,
                                                .join = join_and_rectify};
const venn_layer_desc venn_layer_bottleneck = {.name = "bottleneck",
                                               .resolve = resolve_bottleneck,
                                               .paths = bottleneck_paths,
                                               .join = join_and_rectify};

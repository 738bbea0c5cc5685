// Pools: windows of one, two and three axes, whole planes, bins.
#include "base/status.h"
#include "nn/layer.h"

static venn_status resolve_pool(venn_layer *l, const venn_shape *in)
{
    const int axes = venn_layer_axes(in);
    return axes ? venn_layer_window(l, axes, true) : VENN_BAD_SHAPE;
}

typedef struct pool_ops {
    venn_tensor (*one)(venn_graph *g, venn_tensor x, const venn_pool1d_params *p);
    venn_tensor (*two)(venn_graph *g, venn_tensor x, const venn_pool2d_params *p);
    venn_tensor (*three)(venn_graph *g, venn_tensor x, const venn_pool3d_params *p);
} pool_ops;

static venn_tensor apply_pool(const venn_layer_use *use, venn_graph *g, venn_tensor x, pool_ops ops)
{
    const venn_layer *l = use->layer;
    const int32_t *k = l->kernel, *s = l->stride, *p = l->padding;
    switch (venn_tensor_shape(g, x).rank) {
    case 3:
        return ops.one(g, x, &(venn_pool1d_params){k[0], s[0], p[0]});
    case 4:
        return ops.two(
            g, x,
            &(venn_pool2d_params){{k[0], k[1]}, {s[0], s[1]}, {p[0], p[1]}, use->epilogue != NULL});
    default:
        return ops.three(
            g, x,
            &(venn_pool3d_params){{k[0], k[1], k[2]}, {s[0], s[1], s[2]}, {p[0], p[1], p[2]}});
    }
}

static venn_tensor apply_max_pool(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return apply_pool(use, g, x, (pool_ops){venn_max_pool1d, venn_max_pool2d, venn_max_pool3d});
}

static venn_tensor apply_avg_pool(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return apply_pool(use, g, x, (pool_ops){venn_avg_pool1d, venn_avg_pool2d, venn_avg_pool3d});
}

const venn_layer_desc venn_layer_max_pool = {
    .name = "max_pool", .resolve = resolve_pool, .apply = apply_max_pool};
const venn_layer_desc venn_layer_avg_pool = {
    .name = "avg_pool", .resolve = resolve_pool, .apply = apply_avg_pool};

// ---- Whole planes ----------------------------------------------------------------------------

static venn_status resolve_global(venn_layer *l, const venn_shape *in)
{
    (void)l;
    return venn_layer_axes(in) ? VENN_OK : VENN_BAD_SHAPE;
}

static venn_tensor apply_global(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_shape in = venn_tensor_shape(g, x);
    (void)use;
    if (in.rank != 4) // as images as wide as the last axis
        x = venn_reshape(g, x, VENN_SHAPE(in.dim[0], in.dim[1], -1, in.dim[in.rank - 1]));
    return venn_global_avg_pool(g, x);
}

const venn_layer_desc venn_layer_global_avg_pool = {
    .name = "global_avg_pool", .resolve = resolve_global, .apply = apply_global};

// ---- Bins ------------------------------------------------------------------------------------

static venn_status resolve_adaptive(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(venn_layer_image(in));
    VENN_TRY(venn_layer_at_least("size", l->size[0], 0));
    return venn_layer_at_least("size", l->size[1], 0);
}

static venn_tensor apply_adaptive_avg(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const int32_t *size = use->layer->size;
    return venn_adaptive_avg_pool2d(g, x, &(venn_adaptive_pool2d_params){{size[0], size[1]}});
}

static venn_tensor apply_adaptive_max(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const int32_t *size = use->layer->size;
    return venn_adaptive_max_pool2d(g, x, &(venn_adaptive_pool2d_params){{size[0], size[1]}});
}

const venn_layer_desc venn_layer_adaptive_avg_pool = {
    .name = "adaptive_avg_pool", .resolve = resolve_adaptive, .apply = apply_adaptive_avg};
const venn_layer_desc venn_layer_adaptive_max_pool = {
    .name = "adaptive_max_pool", .resolve = resolve_adaptive, .apply = apply_adaptive_max};

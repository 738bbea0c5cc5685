// Layers that change shapes alone, and noise.
#include "base/status.h"
#include "nn/layer.h"

static venn_tensor apply_flatten(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    (void)use;
    const venn_shape in = venn_tensor_shape(g, x);
    int64_t features = 1;
    for (int i = 1; i < in.rank; i++)
        features *= in.dim[i];
    return venn_reshape(g, x, VENN_SHAPE(in.dim[0], features));
}

const venn_layer_desc venn_layer_flatten = {.name = "flatten", .apply = apply_flatten};

// ---- Images ----------------------------------------------------------------------------------

static venn_status resolve_pad(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(venn_layer_image(in));
    if ((unsigned)l->border > VENN_PAD_SYMMETRIC)
        return venn_fail(VENN_BAD_ARG, "no such border, %d", (int)l->border);
    return VENN_OK;
}

static venn_tensor apply_pad(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const int32_t *p = use->layer->padding;
    return venn_pad2d(
        g, x, &(venn_pad2d_params){.pad = {p[0], p[0], p[1], p[1]}, .mode = use->layer->border});
}

const venn_layer_desc venn_layer_pad = {.name = "pad", .resolve = resolve_pad, .apply = apply_pad};

static venn_status resolve_factor(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(venn_layer_image(in));
    l->factor = l->factor ? l->factor : 1;
    return venn_layer_at_least("factor", l->factor, 1);
}

static venn_status resolve_resize(venn_layer *l, const venn_shape *in)
{
    VENN_TRY(resolve_factor(l, in));
    for (int i = 0; i < 2; i++) {
        const int64_t size = l->size[i] ? l->size[i] : l->factor * in->dim[1 + i];
        VENN_TRY(venn_layer_at_least("size", size, 1));
        if (size > INT32_MAX)
            return venn_fail(VENN_BAD_ARG, "factor is %d, which is too much", (int)l->factor);
        l->size[i] = (int32_t)size;
    }
    if (l->nearest && l->align_corners)
        return venn_fail(VENN_BAD_ARG, "align_corners has no meaning for the nearest pixel");
    return VENN_OK;
}

static venn_tensor apply_resize(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    const venn_layer *l = use->layer;
    if (l->nearest)
        return venn_resize_nearest(g, x, &(venn_resize_nearest_params){{l->size[0], l->size[1]}});
    return venn_resize_bilinear(
        g, x, &(venn_resize_bilinear_params){{l->size[0], l->size[1]}, l->align_corners});
}

const venn_layer_desc venn_layer_resize = {
    .name = "resize", .resolve = resolve_resize, .apply = apply_resize};

static venn_tensor apply_pixel_shuffle(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_pixel_shuffle(g, x, &(venn_pixel_shuffle_params){use->layer->factor});
}

static venn_tensor apply_pixel_unshuffle(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_pixel_unshuffle(g, x, &(venn_pixel_shuffle_params){use->layer->factor});
}

const venn_layer_desc venn_layer_pixel_shuffle = {
    .name = "pixel_shuffle", .resolve = resolve_factor, .apply = apply_pixel_shuffle};
const venn_layer_desc venn_layer_pixel_unshuffle = {
    .name = "pixel_unshuffle", .resolve = resolve_factor, .apply = apply_pixel_unshuffle};

// ---- Noise -----------------------------------------------------------------------------------

static venn_status resolve_dropout(venn_layer *l, const venn_shape *in)
{
    (void)in;
    l->p = l->p != 0 ? l->p : 0.5f;
    if (!(l->p > 0 && l->p < 1))
        return venn_fail(VENN_BAD_ARG, "p is %g, must be in (0, 1)", (double)l->p);
    return VENN_OK;
}

static venn_tensor apply_dropout(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return use->train ? venn_dropout(g, x, use->layer->p) : x;
}

const venn_layer_desc venn_layer_dropout = {
    .name = "dropout", .resolve = resolve_dropout, .apply = apply_dropout};

static venn_status resolve_noise(venn_layer *l, const venn_shape *in)
{
    (void)in;
    if (!(l->std > 0))
        return venn_fail(VENN_BAD_ARG, "std is %g, must be above 0", (double)l->std);
    return VENN_OK;
}

static venn_tensor apply_noise(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return use->train ? venn_gaussian_noise(g, x, use->layer->std) : x;
}

const venn_layer_desc venn_layer_gaussian_noise = {
    .name = "gaussian_noise", .resolve = resolve_noise, .apply = apply_noise};

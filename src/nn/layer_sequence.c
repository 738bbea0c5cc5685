// Layers of sequences [T, D]: tokens, positions, and ways out of and into a sequence.
#include <math.h>

#include "base/status.h"
#include "graph/graph_internal.h"
#include "nn/layer.h"

venn_status venn_layer_sequence_of(const venn_shape *in)
{
    return in->rank == 2 ? VENN_OK : venn_fail(VENN_BAD_SHAPE, "it takes [T, D], a row per step");
}

// ---- Tokens ----------------------------------------------------------------------------------

static venn_status resolve_embedding(venn_layer *l, const venn_shape *in)
{
    (void)in;
    VENN_TRY(venn_layer_at_least("tokens", l->tokens, 1));
    if (l->init != VENN_INIT_UNIFORM && l->init != VENN_INIT_SMALL)
        return venn_fail(VENN_BAD_ARG, "init of an embedding is small or not given");
    return venn_layer_at_least("out", l->out, 1);
}

static int embedding_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    (void)in;
    p[0] = (venn_layer_param){.suffix = "weight",
                              .shape = VENN_SHAPE(l->tokens, l->out),
                              .std = l->init == VENN_INIT_SMALL ? 0.02f : 1};
    return 1;
}

static venn_tensor apply_embedding(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_embedding(g, use->params[0], venn_to_i32(g, x), NULL);
}

const venn_layer_desc venn_layer_embedding = {.name = "embedding",
                                              .resolve = resolve_embedding,
                                              .params = embedding_params,
                                              .apply = apply_embedding};

// ---- Positions -------------------------------------------------------------------------------

static venn_status resolve_sequence_of(venn_layer *l, const venn_shape *in)
{
    (void)l;
    return venn_layer_sequence_of(in);
}

// sin(t w), cos(t w) of falling frequencies w, side by side.
static void fill_sines(const venn_shape *shape, float *values)
{
    const int64_t width = shape->dim[1];
    for (int64_t t = 0; t < shape->dim[0]; t++)
        for (int64_t d = 0; d < width; d++) {
            const int64_t pair = d - d % 2;
            const double angle = (double)t * pow(1e4, -(double)pair / (double)width);
            values[t * width + d] = (float)(d % 2 ? cos(angle) : sin(angle));
        }
}

static int position_params(const venn_layer *l, const venn_shape *in, venn_layer_param *p)
{
    p[0] = (venn_layer_param){.suffix = "weight",
                              .shape = *in,
                              .std = 0.02f,
                              .fill = l->sinusoidal ? fill_sines : NULL,
                              .buffer = l->sinusoidal};
    return 1;
}

static venn_tensor apply_positions(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    return venn_add(g, x, use->params[0]);
}

const venn_layer_desc venn_layer_positions = {.name = "positions",
                                              .resolve = resolve_sequence_of,
                                              .params = position_params,
                                              .apply = apply_positions};

// ---- Ends ------------------------------------------------------------------------------------

static venn_tensor apply_mean_pool(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    (void)use;
    return venn_mean(g, x, &(venn_reduce_params){.axes = 1u << 1});
}

const venn_layer_desc venn_layer_mean_pool = {
    .name = "mean_pool", .resolve = resolve_sequence_of, .apply = apply_mean_pool};

static venn_status resolve_sequence(venn_layer *l, const venn_shape *in)
{
    (void)l;
    return venn_layer_axes(in) ? VENN_OK : VENN_BAD_SHAPE;
}

static venn_tensor apply_sequence(const venn_layer_use *use, venn_graph *g, venn_tensor x)
{
    (void)use;
    const venn_shape in = venn_tensor_shape(g, x);
    const venn_tensor flat = venn_reshape(g, x, VENN_SHAPE(in.dim[0], in.dim[1], -1));
    return venn_transpose(g, flat, NULL);
}

const venn_layer_desc venn_layer_sequence = {
    .name = "sequence", .resolve = resolve_sequence, .apply = apply_sequence};

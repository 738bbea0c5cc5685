// Pools of one and three dimensions from those of two (see pool_nd.h).
#include <stddef.h>

#include "ops/pool_nd.h"
#include "ops/sequence_image.h"

const venn_param_def venn_pool1d_param_defs[] = {
    {"kernel", VENN_PARAM_INT, offsetof(venn_pool1d_params, kernel), .doc = "window (default 1)"},
    {"stride", VENN_PARAM_INT, offsetof(venn_pool1d_params, stride),
     .doc = "positions from one window to the next (default: the window)"},
    {"pad", VENN_PARAM_INT, offsetof(venn_pool1d_params, pad),
     .doc = "positions beyond each end of x, at most half a window (default 0)"},
    {NULL}};

const venn_param_def venn_pool3d_param_defs[] = {
    {"kernel", VENN_PARAM_INTS, offsetof(venn_pool3d_params, kernel), 3,
     .doc = "window: depth, height, width (default 1)"},
    {"stride", VENN_PARAM_INTS, offsetof(venn_pool3d_params, stride), 3,
     .doc = "voxels from one window to the next (default: the window)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_pool3d_params, pad), 3,
     .doc = "voxels around x on each side, at most half a window (default 0)"},
    {NULL}};

venn_pool_fields venn_pool1d_fields(const venn_node *n)
{
    const venn_pool1d_params *p = n->params;
    return (venn_pool_fields){1, &p->kernel, &p->stride, &p->pad};
}

venn_pool_fields venn_pool3d_fields(const venn_node *n)
{
    const venn_pool3d_params *p = n->params;
    return (venn_pool_fields){3, p->kernel, p->stride, p->pad};
}

venn_tensor venn_pool1d_build(venn_graph *g, const venn_node *n, venn_tensor x, venn_pool2d_fn pool)
{
    const venn_pool1d_params *p = n->params;
    const venn_pool2d_params flat = {
        .kernel = {1, p->kernel}, .stride = {1, p->stride}, .pad = {0, p->pad}};
    return venn_image_to_sequence(g, pool(g, venn_sequence_to_image(g, x), &flat));
}

static bool moves(const venn_pool *p, int axis)
{
    return p->kernel[axis] != 1 || p->stride[axis] != 1;
}

venn_tensor venn_pool3d_build(venn_graph *g, const venn_node *n, venn_tensor x, venn_pool2d_fn pool)
{
    enum { DEPTH, HEIGHT, WIDTH };
    const venn_pool3d_params *p = n->params;
    const venn_pool o = venn_pool_of(n, venn_pool3d_fields(n));
    const int64_t batch = o.x.dim[0], channels = o.x.dim[1];
    const venn_pool2d_params slice = {.kernel = {p->kernel[HEIGHT], p->kernel[WIDTH]},
                                      .stride = {p->stride[HEIGHT], p->stride[WIDTH]},
                                      .pad = {p->pad[HEIGHT], p->pad[WIDTH]}};
    const venn_pool2d_params depth = {
        .kernel = {p->kernel[DEPTH], 1}, .stride = {p->stride[DEPTH], 1}, .pad = {p->pad[DEPTH]}};
    if (moves(&o, HEIGHT) || moves(&o, WIDTH) || !moves(&o, DEPTH)) {
        x = venn_reshape(g, x,
                         VENN_SHAPE(batch, channels * o.in[DEPTH], o.in[HEIGHT], o.in[WIDTH]));
        x = pool(g, x, &slice);
    }
    if (moves(&o, DEPTH)) {
        x = venn_reshape(g, x,
                         VENN_SHAPE(batch, channels, o.in[DEPTH], o.out[HEIGHT] * o.out[WIDTH]));
        x = pool(g, x, &depth);
    }
    return venn_reshape(g, x,
                        VENN_SHAPE(batch, channels, o.out[DEPTH], o.out[HEIGHT], o.out[WIDTH]));
}

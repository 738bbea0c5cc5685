// Unfolding of volumes (see unfold_depth.h).
#include <stdio.h>

#include "ops/gemm.h"
#include "ops/unfold_depth.h"

#define VENN_HOST
#include "unfold_depth.comp"
#undef VENN_HOST

static void launch(venn_recorder *r, const venn_node *n, bool fold)
{
    enum { GROUP = 64 };
    const venn_unfold_depth *p = n->params;
    const int64_t plane = p->height * p->width, count = n->out[0]->count;
    const bool vec = plane % 4 == 0;
    const int64_t unit = vec ? 4 : 1;
    if (count == 0)
        return;
    char kernel[64];
    snprintf(kernel, sizeof kernel, "unfold_depth.%s%s", fold ? "fold" : "unfold",
             venn_recorder_profile(r)->texel_loads ? ".texel" : "");
    venn_push_unfold_depth push = {.count = (uint32_t)(count / unit),
                                   .pad = (uint32_t)p->pad,
                                   .dilation = (uint32_t)p->dilation};
    VENN_SET_DIVISOR(&push, plane, (uint32_t)(plane / unit));
    VENN_SET_DIVISOR(&push, kernel, (uint32_t)p->kernel);
    VENN_SET_DIVISOR(&push, channels, (uint32_t)p->channels);
    VENN_SET_DIVISOR(&push, depth, (uint32_t)p->depth);
    VENN_SET_DIVISOR(&push, out_depth, (uint32_t)p->out_depth);
    VENN_SET_DIVISOR(&push, stride, (uint32_t)p->stride);
    venn_dispatch d = {.kernel = kernel,
                       .spec = {GROUP, vec},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2,
                       .trips = fold ? (uint64_t)p->kernel : 1};
    venn_groups_linear(r, count, 4 * GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = 0;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

static bool unfold_shape(venn_node *n)
{
    const venn_unfold_depth *p = n->params;
    venn_node_output(
        n, 0, VENN_F32,
        VENN_SHAPE(p->batch * p->out_depth, p->channels * p->kernel, p->height, p->width));
    return true;
}

static void unfold_record(venn_recorder *r, const venn_node *n)
{
    launch(r, n, false);
}

static void unfold_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                            venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_depth_fold(g, dy[0], n->params);
}

static bool fold_shape(venn_node *n)
{
    const venn_unfold_depth *p = n->params;
    venn_node_output(n, 0, VENN_F32,
                     VENN_SHAPE(p->batch, p->channels, p->depth, p->height, p->width));
    return true;
}

static void fold_record(venn_recorder *r, const venn_node *n)
{
    launch(r, n, true);
}

static void fold_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                          venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_depth_unfold(g, dy[0], n->params);
}

venn_tensor venn_depth_unfold(venn_graph *g, venn_tensor x, const venn_unfold_depth *p)
{
    static const venn_op_desc desc = {.name = "unfold_depth",
                                      .summary = "slices under a kernel as channels",
                                      .inputs = {{"x"}},
                                      .n_inputs = 1,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_unfold_depth),
                                      .shape = unfold_shape,
                                      .record = unfold_record,
                                      .gradient = unfold_gradient,
                                      .cost = cost};
    return venn_op_apply(g, &desc, &x, 1, p, NULL);
}

venn_tensor venn_depth_fold(venn_graph *g, venn_tensor y, const venn_unfold_depth *p)
{
    static const venn_op_desc desc = {.name = "unfold_depth.fold",
                                      .summary = "channels as slices under a kernel, added up",
                                      .inputs = {{"y"}},
                                      .n_inputs = 1,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_unfold_depth),
                                      .shape = fold_shape,
                                      .record = fold_record,
                                      .gradient = fold_gradient,
                                      .cost = cost};
    return venn_op_apply(g, &desc, &y, 1, p, NULL);
}

venn_unfold_depth venn_unfold_depth_of(const venn_conv_nd *o)
{
    return (venn_unfold_depth){.batch = o->batch,
                               .channels = o->groups * o->c,
                               .depth = o->in[0],
                               .out_depth = o->out[0],
                               .height = o->in[1],
                               .width = o->in[2],
                               .kernel = o->kernel[0],
                               .stride = o->stride[0],
                               .pad = o->pad[0],
                               .dilation = o->dilation[0]};
}

venn_tensor venn_depth_weights(venn_graph *g, venn_tensor w)
{
    const venn_shape s = venn_tensor_shape(g, w);
    return venn_reshape(g, w, VENN_SHAPE(s.dim[0], s.dim[1] * s.dim[2], s.dim[3], s.dim[4]));
}

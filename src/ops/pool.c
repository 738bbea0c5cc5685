// Shared front end of max_pool2d and avg_pool2d (see pool.h).
#include <stddef.h>
#include <stdio.h>

#include "ops/gemm.h"
#include "ops/pool.h"

#define VENN_HOST
#include "max_pool2d.comp"
#undef VENN_HOST

const venn_param_def venn_pool_params[] = {
    {"kernel", VENN_PARAM_INTS, offsetof(venn_pool2d_params, kernel), 2,
     .doc = "window, height and width (default 1)"},
    {"stride", VENN_PARAM_INTS, offsetof(venn_pool2d_params, stride), 2,
     .doc = "pixels from one window to the next (default: the window)"},
    {"pad", VENN_PARAM_INTS, offsetof(venn_pool2d_params, pad), 2,
     .doc = "pixels around x on each side, at most half a window (default 0)"},
    {NULL}};

venn_pool venn_pool_of(const venn_node *n)
{
    const venn_pool2d_params *params = n->params;
    venn_pool p = {.x = n->in[0]->shape};
    p.planes = p.x.dim[0] * p.x.dim[1];
    for (int i = 0; i < 2; i++) {
        p.in[i] = p.x.dim[2 + i];
        p.kernel[i] = params->kernel[i] ? params->kernel[i] : 1;
        p.stride[i] = params->stride[i] ? params->stride[i] : p.kernel[i];
        p.pad[i] = params->pad[i];
        const int64_t reach = p.in[i] + 2 * p.pad[i] - p.kernel[i];
        p.out[i] = reach < 0 ? 0 : reach / p.stride[i] + 1;
    }
    return p;
}

bool venn_pool_shape(venn_node *n)
{
    const venn_pool2d_params *params = n->params;
    if (n->in[0]->shape.rank != 4)
        return venn_node_error(n, "x must be [B, C, H, W]");
    for (int i = 0; i < 2; i++)
        if (params->kernel[i] < 0 || params->stride[i] < 0 || params->pad[i] < 0)
            return venn_node_error(n, "kernel, stride and pad must not be negative");
    const venn_pool p = venn_pool_of(n);
    for (int i = 0; i < 2; i++)
        if (2 * p.pad[i] > p.kernel[i])
            return venn_node_error(n, "pad=%d is more than half the kernel", (int)p.pad[i]);
    if (p.out[0] < 1 || p.out[1] < 1)
        return venn_node_error(n, "the kernel is larger than the padded image");
    const int64_t y[] = {p.x.dim[0], p.x.dim[1], p.out[0], p.out[1]};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(y, 4));
    return true;
}

void venn_pool_record(venn_recorder *r, const venn_node *n, const venn_pool *p, const char *stem,
                      const venn_value *over)
{
    enum { GROUP = 64 };
    const venn_profile *profile = venn_recorder_profile(r);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s%s", stem, profile->texel_loads ? ".texel" : "");
    venn_push_pool push = {
        .count = (uint32_t)over->count, .in_h = (uint32_t)p->in[0], .out_h = (uint32_t)p->out[0]};
    VENN_SET_DIVISOR(&push, in_w, (uint32_t)p->in[1]);
    VENN_SET_DIVISOR(&push, in_plane, (uint32_t)(p->in[0] * p->in[1]));
    VENN_SET_DIVISOR(&push, out_w, (uint32_t)p->out[1]);
    VENN_SET_DIVISOR(&push, out_plane, (uint32_t)(p->out[0] * p->out[1]));
    venn_dispatch d = {.kernel = kernel, .push = &push, .push_size = sizeof push};
    d.spec[d.n_spec++] = GROUP;
    for (int i = 0; i < 2; i++)
        d.spec[d.n_spec++] = (uint32_t)p->kernel[i];
    for (int i = 0; i < 2; i++)
        d.spec[d.n_spec++] = (uint32_t)p->stride[i];
    for (int i = 0; i < 2; i++)
        d.spec[d.n_spec++] = (uint32_t)p->pad[i];
    for (int i = 0; i < n->n_in; i++)
        d.bind[d.n_bind++] = (venn_bind){n->in[i], VENN_READ};
    for (int i = 0; i < n->n_out; i++)
        d.bind[d.n_bind++] = (venn_bind){n->out[i], VENN_WRITE};
    d.trips = 4 * (uint64_t)((p->kernel[0] + 1) * (p->kernel[1] + 1));
    venn_groups_linear(r, over->count, 4 * GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

void venn_pool_cost(const venn_node *n, const venn_pool *p, venn_cost *cost)
{
    cost->flops = (double)(p->planes * p->out[0] * p->out[1] * p->kernel[0] * p->kernel[1]);
    cost->bytes = 0;
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += 4.0 * (double)n->in[i]->count;
    for (int i = 0; i < n->n_out; i++)
        cost->bytes += 4.0 * (double)n->out[i]->count;
}

void venn_pool_each(const venn_ref *r, const venn_pool *p, venn_pool_fn fn)
{
    for (int64_t plane = 0; plane < p->planes; plane++)
        for (int64_t y = 0; y < p->out[0] * p->out[1]; y++)
            for (int64_t t = 0; t < p->kernel[0] * p->kernel[1]; t++) {
                const int64_t h = y / p->out[1] * p->stride[0] + t / p->kernel[1] - p->pad[0];
                const int64_t w = y % p->out[1] * p->stride[1] + t % p->kernel[1] - p->pad[1];
                if (h >= 0 && h < p->in[0] && w >= 0 && w < p->in[1])
                    fn(r, p, plane * p->out[0] * p->out[1] + y,
                       (plane * p->in[0] + h) * p->in[1] + w);
            }
}

// Shared front end of max_pool2d and avg_pool2d (see pool2d.h).
#include <stddef.h>
#include <stdio.h>

#include "ops/gemm.h"
#include "ops/pool2d.h"

#define VENN_HOST
#include "max_pool2d.comp"
#undef VENN_HOST

#define WINDOW_PARAMS                                                                              \
    {"kernel", VENN_PARAM_INTS, offsetof(venn_pool2d_params, kernel), 2,                           \
     .doc = "window, height and width (default 1)"},                                               \
        {"stride", VENN_PARAM_INTS, offsetof(venn_pool2d_params, stride), 2,                       \
         .doc = "pixels from one window to the next (default: the window)"},                       \
    {                                                                                              \
        "pad", VENN_PARAM_INTS, offsetof(venn_pool2d_params, pad), 2,                              \
            .doc = "pixels around x on each side, at most half a window (default 0)"               \
    }

const venn_param_def venn_pool2d_param_defs[] = {WINDOW_PARAMS, {NULL}};
const venn_param_def venn_max_pool2d_param_defs[] = {
    WINDOW_PARAMS,
    {"relu", VENN_PARAM_BOOL, offsetof(venn_pool2d_params, relu),
     .doc = "1: y = max(y, 0), the pool of relu(x) (default 0)"},
    {NULL}};

venn_pool_fields venn_pool2d_fields(const venn_node *n)
{
    const venn_pool2d_params *p = n->params;
    return (venn_pool_fields){2, p->kernel, p->stride, p->pad};
}

void venn_pool2d_record(venn_recorder *r, const venn_node *n, const venn_pool *p, const char *stem,
                        const venn_value *over, uint32_t mode, bool quads)
{
    enum { GROUP = 64, HEIGHT = 1, WIDTH };
    const venn_profile *profile = venn_recorder_profile(r);
    char kernel[64];
    snprintf(kernel, sizeof kernel, "%s%s", stem, profile->texel_loads ? ".texel" : "");
    venn_push_pool push = {.count = (uint32_t)over->count,
                           .in_h = (uint32_t)p->in[HEIGHT],
                           .out_h = (uint32_t)p->out[HEIGHT]};
    VENN_SET_DIVISOR(&push, in_w, (uint32_t)p->in[WIDTH]);
    VENN_SET_DIVISOR(&push, in_plane, (uint32_t)venn_pool_volume(p->in));
    VENN_SET_DIVISOR(&push, out_w, (uint32_t)p->out[WIDTH]);
    VENN_SET_DIVISOR(&push, out_plane, (uint32_t)venn_pool_volume(p->out));
    venn_dispatch d = {.kernel = kernel, .push = &push, .push_size = sizeof push};
    d.spec[d.n_spec++] = GROUP;
    for (int i = HEIGHT; i <= WIDTH; i++)
        d.spec[d.n_spec++] = (uint32_t)p->kernel[i];
    for (int i = HEIGHT; i <= WIDTH; i++)
        d.spec[d.n_spec++] = (uint32_t)p->stride[i];
    for (int i = HEIGHT; i <= WIDTH; i++)
        d.spec[d.n_spec++] = (uint32_t)p->pad[i];
    d.spec[d.n_spec++] = mode;
    d.spec[d.n_spec++] = quads;
    for (int i = 0; i < n->n_in; i++)
        d.bind[d.n_bind++] = (venn_bind){n->in[i], VENN_READ};
    for (int i = 0; i < n->n_out; i++)
        d.bind[d.n_bind++] = (venn_bind){n->out[i], VENN_WRITE};
    d.trips = 4 * (uint64_t)((p->kernel[HEIGHT] + 1) * (p->kernel[WIDTH] + 1));
    venn_groups_linear(r, over->count, 4 * GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

// Launching the passes of depthwise convolutions (see conv2d_depthwise.h).
#include <stdio.h>

#include "ops/conv2d_depthwise.h"
#include "ops/gemm.h"

#define VENN_HOST
#include "conv2d_depthwise.comp"
#undef VENN_HOST

enum {
    GROUP = 64,
    MOST_PER = 2,        // more channels of y to one of x are worth a matrix product
    RUN = 1024,          // most pixels in a run
    SHORTEST = 256,      // pixels of a part, at least
    INVOCATIONS = 65536, // of a weight gradient, where there are pixels enough
    LONGEST = 32768      // pixels of a part, at most; below every loop limit
};

bool venn_conv_is_depthwise(const venn_conv *o)
{
    return o->c == 1 && o->k <= MOST_PER;
}

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

// How the sum over pixels behind each element of dw is cut.
typedef struct cut {
    int64_t run, row_runs, runs, part_runs, parts, stride;
} cut;

static cut cut_pixels(const venn_conv *o)
{
    const int64_t weights = o->groups * o->k * venn_conv_plane(o->kernel);
    const int64_t pixels = o->batch * venn_conv_plane(o->out);
    int64_t length = weights ? div_up(pixels * weights, INVOCATIONS) : 1;
    length = length < SHORTEST ? SHORTEST : length > LONGEST ? LONGEST : length;
    cut c = {.run = o->out[1] < RUN ? o->out[1] : RUN};
    c.row_runs = div_up(o->out[1], c.run);
    c.runs = o->batch * o->out[0] * c.row_runs;
    c.part_runs = div_up(length, c.run);
    c.parts = c.runs ? div_up(c.runs, c.part_runs) : 1;
    c.stride = div_up(weights, 4) * 4;
    return c;
}

uint64_t venn_conv_depthwise_workspace(const venn_conv *o, venn_conv_pass pass)
{
    const cut c = cut_pixels(o);
    return pass == VENN_CONV_WEIGHT && c.parts > 1 ? 4 * (uint64_t)(c.parts * c.stride) : 0;
}

static venn_push_conv2d_depthwise push_of(const venn_conv *o, venn_conv_pass pass, int64_t count)
{
    const bool data = pass == VENN_CONV_DATA;
    const int64_t *grid = data ? o->in : o->out, *source = data ? o->out : o->in;
    const cut c = cut_pixels(o);
    venn_push_conv2d_depthwise push = {.count = (uint32_t)count,
                                       .source_h = (uint32_t)source[0],
                                       .source_w = (uint32_t)source[1],
                                       .grid_h = (uint32_t)grid[0],
                                       .kernel_h = (uint32_t)o->kernel[0],
                                       .kernel_w = (uint32_t)o->kernel[1],
                                       .pad_h = (uint32_t)o->pad[0],
                                       .pad_w = (uint32_t)o->pad[1],
                                       .dilation_h = (uint32_t)o->dilation[0],
                                       .dilation_w = (uint32_t)o->dilation[1],
                                       .run = (uint32_t)c.run,
                                       .row_runs = (uint32_t)c.row_runs,
                                       .runs = (uint32_t)c.runs,
                                       .part_runs = (uint32_t)c.part_runs,
                                       .stride = (uint32_t)c.stride};
    VENN_SET_DIVISOR(&push, grid_w, (uint32_t)grid[1]);
    VENN_SET_DIVISOR(&push, grid_plane, (uint32_t)venn_conv_plane(grid));
    VENN_SET_DIVISOR(&push, channels, (uint32_t)(o->groups * (data ? 1 : o->k)));
    VENN_SET_DIVISOR(&push, per, (uint32_t)o->k);
    VENN_SET_DIVISOR(&push, taps, (uint32_t)venn_conv_plane(o->kernel));
    return push;
}

void venn_conv_depthwise_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                                venn_conv_pass pass, const venn_value *const in[2],
                                const venn_value *bias, int act)
{
    static const char *const stem[] = {"forward", "data", "weight"};
    const bool weight = pass == VENN_CONV_WEIGHT, texel = venn_recorder_profile(r)->texel_loads;
    const bool square = o->kernel[0] == o->kernel[1] && (o->kernel[0] == 3 || o->kernel[0] == 5);
    const cut c = cut_pixels(o);
    const int64_t count = n->out[0]->count;
    if (count == 0)
        return;
    char kernel[64];
    snprintf(kernel, sizeof kernel, "conv2d_depthwise.%s%s", stem[pass], texel ? ".texel" : "");
    const venn_push_conv2d_depthwise push = push_of(o, pass, count);
    venn_dispatch d = {.kernel = kernel,
                       .spec = {GROUP, (uint32_t)o->stride[0], (uint32_t)o->stride[1],
                                square && !weight ? (uint32_t)o->kernel[0] : 0, bias != NULL,
                                (uint32_t)act},
                       .n_spec = 6,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{in[0], VENN_READ},
                                {in[1], VENN_READ},
                                {bias, VENN_READ},
                                {weight && c.parts > 1 ? n->workspace : n->out[0], VENN_WRITE}},
                       .n_bind = 4};
    d.trips = weight ? (uint64_t)(c.part_runs * (c.run + 1))
                     : (uint64_t)(o->k * (o->kernel[0] * (o->kernel[1] + 1) + 1));
    venn_groups_linear(r, count, weight ? GROUP : 4 * GROUP, d.groups);
    d.groups[2] = weight ? (uint32_t)c.parts : 1;
    venn_record_dispatch(r, &d);
    if (weight && c.parts > 1)
        venn_gemm_reduce(r, n->workspace, &(venn_gemm_end){0}, n->out[0], 1, (uint32_t)c.parts,
                         (uint64_t)c.stride);
}

// Launching the rearranging kernels (see conv2d_pack.h).
#include "ops/conv2d_pack.h"
#include "ops/gemm.h"

#define VENN_HOST
#include "conv2d_pack.comp"
#undef VENN_HOST

enum { GROUP = 64 };

// Reads `from`, writes `to`: one invocation per item.
static void launch(venn_recorder *r, const char *kernel, const void *push, uint32_t push_size,
                   uint32_t spec, const venn_value *from, const venn_value *to, int64_t items,
                   uint64_t trips)
{
    venn_dispatch d = {.kernel = kernel,
                       .spec = {GROUP, spec},
                       .n_spec = 2,
                       .push = push,
                       .push_size = push_size,
                       .bind = {{from, VENN_READ}, {to, VENN_WRITE}},
                       .n_bind = 2,
                       .trips = trips};
    venn_groups_linear(r, items, GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

int64_t venn_conv_image_floats(const venn_conv_image *s)
{
    return s->images * s->plane * s->groups * venn_conv_quads(s->channels) * 4;
}

void venn_conv_pack_image(venn_recorder *r, const venn_conv_image *s, const venn_value *x,
                          const venn_value *y)
{
    const int64_t quads = venn_conv_quads(s->channels), pixels4 = (s->plane + 3) / 4;
    const int64_t total = s->images * pixels4 * s->groups * quads;
    venn_push_conv2d_image push = {
        .total = (uint32_t)total, .channels = (uint32_t)s->channels, .plane = (uint32_t)s->plane};
    VENN_SET_DIVISOR(&push, quads, (uint32_t)quads);
    VENN_SET_DIVISOR(&push, groups, (uint32_t)s->groups);
    VENN_SET_DIVISOR(&push, pixels4, (uint32_t)pixels4);
    launch(r, "conv2d_pack.image", &push, sizeof push, s->plane % 4 == 0, x, y, total, 0);
}

int64_t venn_conv_weight_floats(const venn_conv_weights *s)
{
    return s->groups * s->rows * s->taps * venn_conv_quads(s->channels) * 4;
}

void venn_conv_pack_weights(venn_recorder *r, const venn_conv_weights *s, const venn_value *w,
                            const venn_value *y, int64_t start)
{
    const int64_t total = venn_conv_weight_floats(s) / 4;
    venn_push_conv2d_weight push = {.total = (uint32_t)total,
                                    .channels = (uint32_t)s->channels,
                                    .start = (uint32_t)start,
                                    .group_step = (uint32_t)s->group_step,
                                    .row_step = (uint32_t)s->row_step,
                                    .channel_step = (uint32_t)s->channel_step};
    VENN_SET_DIVISOR(&push, quads, (uint32_t)venn_conv_quads(s->channels));
    VENN_SET_DIVISOR(&push, taps, (uint32_t)s->taps);
    VENN_SET_DIVISOR(&push, rows, (uint32_t)s->rows);
    launch(r, "conv2d_pack.weight", &push, sizeof push, 0, w, y, total, 0);
}

void venn_conv_unpack_gradient(venn_recorder *r, const venn_conv_weights *s, const venn_value *x,
                               int64_t start, int64_t stride, uint32_t parts, const venn_value *dw)
{
    venn_push_conv2d_gradient push = {.total = (uint32_t)dw->count,
                                      .start = (uint32_t)start,
                                      .stride = (uint32_t)stride,
                                      .n_parts = parts,
                                      .quads = (uint32_t)venn_conv_quads(s->channels)};
    VENN_SET_DIVISOR(&push, channels, (uint32_t)s->channels);
    VENN_SET_DIVISOR(&push, taps, (uint32_t)s->taps);
    launch(r, "conv2d_pack.gradient", &push, sizeof push, 0, x, dw, (dw->count + 3) / 4, parts);
}

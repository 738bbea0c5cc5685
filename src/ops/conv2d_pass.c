// Planning and launching the passes of a convolution (see conv2d_pass.h).
#include <math.h>

#include "ops/conv2d_depthwise.h"
#include "ops/conv2d_pack.h"
#include "ops/conv2d_pass.h"
#include "ops/conv2d_winograd.h"
#include "ops/gemm.h"
#include "venn/ops.h"

#define VENN_HOST
#include "conv2d.comp"
#undef VENN_HOST

venn_conv venn_conv_flat(const venn_conv_nd *o)
{
    return (venn_conv){.batch = o->batch,
                       .groups = o->groups,
                       .c = o->c,
                       .k = o->k,
                       .in = {o->in[1], o->in[2]},
                       .out = {o->out[1], o->out[2]},
                       .kernel = {o->kernel[1], o->kernel[2]},
                       .stride = {o->stride[1], o->stride[2]},
                       .pad = {o->pad[1], o->pad[2]},
                       .dilation = {o->dilation[1], o->dilation[2]}};
}

void venn_conv_pass_cost(const venn_conv *o, venn_cost *cost)
{
    const double weights = (double)(o->groups * o->k * o->c * venn_conv_plane(o->kernel));
    const double points = (double)(o->c * venn_conv_plane(o->in) + o->k * venn_conv_plane(o->out));
    cost->flops = 2.0 * (double)o->batch * (double)venn_conv_plane(o->out) * weights;
    cost->bytes = 4.0 * (weights + (double)(o->batch * o->groups) * points);
}

// The grid of pixels: of dx for the data gradient, else of y.
static const int64_t *grid_of(const venn_conv *o, venn_conv_pass pass)
{
    return pass == VENN_CONV_DATA ? o->in : o->out;
}

// Lanes own four pixels of one image, except in the weight gradient, where k runs over pixels.
static int64_t pixels_of(const venn_conv *o, venn_conv_pass pass)
{
    const int64_t pixels = venn_conv_plane(grid_of(o, pass));
    return pass == VENN_CONV_WEIGHT ? pixels : (pixels + 3) / 4 * 4;
}

// How a pass is computed. Packed: from copies with the channels last (conv2d_pack.h), which are in the
// workspace: first the source, `start` floats from its beginning the weights or the weight gradient.
typedef struct pass_plan {
    venn_conv_pass pass;
    venn_gemm gemm;
    venn_gemm_plan tiles;
    bool packed;
    venn_conv_image source;
    venn_conv_weights weights;
    int64_t start;
    uint64_t stride;    // floats from one part to the next
    uint64_t workspace; // bytes
} pass_plan;

static venn_gemm gemm_of(const venn_conv *o, venn_conv_pass pass, int64_t channels)
{
    const int64_t taps = venn_conv_plane(o->kernel), pixels = o->batch * pixels_of(o, pass);
    switch (pass) {
    case VENN_CONV_FORWARD:
        return (venn_gemm){o->k, pixels, channels * taps, o->groups, true, "conv.forward", true};
    case VENN_CONV_DATA:
        return (venn_gemm){o->c, pixels, channels * taps, o->groups, true, "conv.data", true};
    default:
        return (venn_gemm){o->k, channels * taps, pixels, o->groups, false, "conv.weight", true};
    }
}

// Packing pays if every packed element is used often and few channels are made up.
static bool worth_packing(const venn_conv *o, const pass_plan *p)
{
    const int64_t channels = p->source.channels, padded = venn_conv_quads(channels) * 4;
    const int64_t uses = p->weights.taps * p->tiles.tiles_m / (o->stride[0] * o->stride[1]);
    return p->tiles.family == VENN_FAMILY_SHUFFLE && padded * 4 <= channels * 5 && uses >= 4 &&
           p->source.images > 0 && channels > 0 && p->weights.rows > 0;
}

static pass_plan plan_pass(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass)
{
    const int64_t taps = venn_conv_plane(o->kernel);
    pass_plan p = {.pass = pass};
    if (pass == VENN_CONV_DATA) {
        p.source = (venn_conv_image){o->batch, o->groups, o->k, venn_conv_plane(o->out)};
        p.weights =
            (venn_conv_weights){o->groups, o->c, o->k, taps, o->k * o->c * taps, taps, o->c * taps};
    } else {
        p.source = (venn_conv_image){o->batch, o->groups, o->c, venn_conv_plane(o->in)};
        p.weights =
            (venn_conv_weights){o->groups, o->k, o->c, taps, o->k * o->c * taps, o->c * taps, taps};
    }
    p.gemm = gemm_of(o, pass, p.source.channels);
    p.tiles = venn_gemm_rule_plan(profile, &p.gemm);
    p.packed = worth_packing(o, &p);
    if (p.packed)
        p.gemm = gemm_of(o, pass, venn_conv_quads(p.source.channels) * 4);
    p.tiles = venn_gemm_make_plan(profile, &p.gemm);
    p.stride = venn_gemm_part_stride(&p.gemm);
    if (o->sums_dy)
        p.stride += (uint64_t)(o->groups * o->k + 3) / 4 * 4;
    if (p.packed) {
        p.start = venn_conv_image_floats(&p.source);
        p.workspace = 4 * (uint64_t)(p.start + venn_conv_weight_floats(&p.weights));
    }
    if (pass == VENN_CONV_WEIGHT && (p.packed || p.tiles.parts > 1))
        p.workspace = 4 * ((uint64_t)p.start + p.tiles.parts * p.stride);
    return p;
}

static void fill_push(venn_push_conv2d *push, const venn_conv *o, const pass_plan *p)
{
    const int64_t *grid = grid_of(o, p->pass), *source = p->pass == VENN_CONV_DATA ? o->out : o->in;
    const int64_t pixels = pixels_of(o, p->pass), channels = p->source.channels;
    const int64_t padded = venn_conv_quads(channels) * 4;
    push->source_h = (uint32_t)source[0];
    push->source_w = (uint32_t)source[1];
    push->source_batch =
        (uint32_t)(o->groups * venn_conv_plane(source) * (p->packed ? padded : channels));
    push->source_group = (uint32_t)(p->packed ? padded : channels * venn_conv_plane(source));
    push->plane = (uint32_t)venn_conv_plane(grid);
    push->grid_batch =
        (uint32_t)(o->groups * (p->pass == VENN_CONV_DATA ? o->c : o->k) * venn_conv_plane(grid));
    VENN_SET_DIVISOR(push, grid_w, (uint32_t)(grid[1] ? grid[1] : 1));
    VENN_SET_DIVISOR(push, pixels, (uint32_t)(pixels ? pixels : 1));
    VENN_SET_DIVISOR(push, kernel_w, (uint32_t)o->kernel[1]);
    VENN_SET_DIVISOR(push, inner, (uint32_t)(p->packed ? padded : venn_conv_plane(o->kernel)));
    push->pad = (uint32_t)(o->pad[0] | o->pad[1] << 16);
    push->dilation = (uint32_t)(o->dilation[0] | o->dilation[1] << 16);
    push->pixel_step = (uint32_t)(p->packed ? o->groups * padded : 1);
    push->start = (uint32_t)p->start;
}

static void specialize(venn_dispatch *d, const venn_conv *o, const pass_plan *p, int act, bool bias)
{
    static const char *const kernels[][3] = {
        {"conv2d.forward.shuffle", "conv2d.forward.tile", "conv2d.forward.direct"},
        {"conv2d.data.shuffle", "conv2d.data.tile", "conv2d.data.direct"},
        {"conv2d.weight.shuffle", "conv2d.weight.tile", "conv2d.weight.direct"}};
    const bool weight = p->pass == VENN_CONV_WEIGHT, tail = p->gemm.k % p->tiles.k_step != 0;
    // Rows of the kernel's operand `a` and of y, in elements.
    const int64_t a_row = weight ? venn_conv_plane(o->out) : p->gemm.k;
    const int64_t y_row = weight ? p->gemm.n : venn_conv_plane(grid_of(o, p->pass));
    const bool shuffle = p->tiles.family == VENN_FAMILY_SHUFFLE;
    const bool four_k = a_row % 4 == 0 && (p->pass != VENN_CONV_DATA || p->packed);
    const bool bounds = p->pass == VENN_CONV_DATA || o->pad[0] || o->pad[1] || tail;
    const uint32_t shuffle_spec[] = {p->tiles.tile_m, p->tiles.k_step, four_k, tail,
                                     (uint32_t)act,   y_row % 4 == 0};
    // a: neighbours along k; b: neighbours along k, or along columns.
    const uint32_t other_spec[] = {p->tiles.wide, true, weight, (uint32_t)act, 0, 0};
    const uint32_t conv_spec[] = {(uint32_t)o->stride[0], (uint32_t)o->stride[1], bounds, bias,
                                  p->packed};
    d->spec[d->n_spec++] = p->tiles.local_size;
    for (int i = 0; i < 6; i++)
        d->spec[d->n_spec++] = shuffle ? shuffle_spec[i] : other_spec[i];
    for (int i = 0; i < 5; i++)
        d->spec[d->n_spec++] = conv_spec[i];
    d->kernel = kernels[p->pass][p->tiles.family];
}

void venn_conv2d_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                        venn_conv_pass pass, const venn_value *const in[2], const venn_value *bias,
                        int act)
{
    if (venn_conv_is_depthwise(o)) {
        venn_conv_depthwise_record(r, n, o, pass, in, bias, act);
        return;
    }
    if (venn_conv_is_winograd(venn_recorder_profile(r), o, pass)) {
        venn_conv_winograd_record(r, n, o, pass, in, bias, act);
        return;
    }
    const pass_plan p = plan_pass(venn_recorder_profile(r), o, pass);
    const bool weight = pass == VENN_CONV_WEIGHT;
    if (p.packed)
        venn_conv_pack_image(r, &p.source, in[1], n->workspace);
    if (p.packed && !weight)
        venn_conv_pack_weights(r, &p.weights, in[0], n->workspace, p.start);
    venn_push_conv2d push;
    fill_push(&push, o, &p);
    const venn_value *to = weight && p.workspace ? n->workspace : n->out[0];
    venn_dispatch d = {.push = &push,
                       .push_size = sizeof push,
                       .bind = {{p.packed && !weight ? n->workspace : in[0], VENN_READ},
                                {p.packed ? n->workspace : in[1], VENN_READ},
                                {bias, VENN_READ},
                                {to, VENN_WRITE}},
                       .n_bind = 4,
                       .trips = p.tiles.trips};
    venn_gemm_grid(r, &p.tiles, &p.gemm, &push.m, d.groups);
    specialize(&d, o, &p, act, bias != NULL || o->sums_dy);
    venn_record_dispatch(r, &d);
    if (weight && p.packed)
        venn_conv_unpack_gradient(r, &p.weights, n->workspace, p.start, (int64_t)p.stride,
                                  p.tiles.parts, n->out[0]);
    else if (weight && p.tiles.parts > 1)
        venn_gemm_reduce(r, n->workspace, &(venn_gemm_end){.tail = o->sums_dy ? n->out[1] : NULL},
                         n->out[0], 1, p.tiles.parts, p.stride);
}

bool venn_conv_can_sum_dy(const venn_profile *profile, const venn_conv *o)
{
    if (venn_conv_is_depthwise(o) || venn_conv_is_winograd(profile, o, VENN_CONV_WEIGHT))
        return false;
    const pass_plan p = plan_pass(profile, o, VENN_CONV_WEIGHT);
    return p.tiles.family == VENN_FAMILY_SHUFFLE && p.tiles.parts > 1 && !p.packed &&
           p.gemm.n > 0 && p.gemm.m > 0;
}

double venn_conv_rounding(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass,
                          bool is_gradient)
{
    double most = venn_conv_winograd_rounding(profile, o, pass);
    for (int i = 0; is_gradient && i <= VENN_CONV_WEIGHT; i++)
        most = fmax(most, venn_conv_winograd_rounding(profile, o, (venn_conv_pass)i));
    return most;
}

uint64_t venn_conv_workspace(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass)
{
    if (venn_conv_is_depthwise(o))
        return venn_conv_depthwise_workspace(o, pass);
    if (venn_conv_is_winograd(profile, o, pass))
        return venn_conv_winograd_workspace(o, pass);
    return plan_pass(profile, o, pass).workspace;
}

// Launching the passes of convolutions by Winograd's products (see conv2d_winograd.h). Forward and data bring
// windows of the source and the weights to the points, multiply there and bring the sums back; the weight
// gradient brings windows of x and tiles of dy there, and the sums over all tiles back.
#include <stdio.h>

#include "ops/conv2d_winograd.h"
#include "ops/gemm.h"

#define VENN_HOST
#include "conv2d_winograd.comp"
#undef VENN_HOST

enum {
    GROUP = 64,
    RESULTS = 4,           // of a tile, along an axis
    LEAST_CHANNELS = 16,   // fewer, or fewer pairs of them,
    LEAST_PAIRS = 32 * 32, // do not pay for the transforms;
    LEAST_TILES = 32,      // nor do fewer tiles
    AT_ONCE = 6 << 20,     // bytes at the points between being written and read
    MOST_CHUNKS = 16       // of a weight gradient
};

// What stands at the points of some images, and where in the workspace, in floats: the operands a and b of the
// product and its result y. step: from one point to the next.
typedef struct winograd {
    venn_gemm gemm;
    int64_t taps, points;   // along an axis; all of them
    int64_t grid[2];        // pixels that tiles of results cover
    int64_t tiles_x, tiles; // in a row, in an image
    int64_t from, to;       // channels of the windows, and of the results
    int64_t rows;           // tiles of all images
    int64_t a_step, b_step, y_step;
} winograd;

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static winograd plan(const venn_conv *o, venn_conv_pass pass, int64_t images)
{
    const bool data = pass == VENN_CONV_DATA;
    const int64_t *grid = data ? o->in : o->out;
    const int64_t taps = o->kernel[0], points = (taps + RESULTS - 1) * (taps + RESULTS - 1);
    winograd p = {.taps = taps,
                  .points = points,
                  .grid = {grid[0], grid[1]},
                  .tiles_x = div_up(grid[1], RESULTS),
                  .from = data ? o->k : o->c,
                  .to = data ? o->c : o->k};
    p.tiles = p.tiles_x * div_up(grid[0], RESULTS);
    p.rows = images * p.tiles;
    p.gemm = pass == VENN_CONV_WEIGHT
                 ? (venn_gemm){p.to, p.from, p.rows, points, .whole = true}
                 : (venn_gemm){p.rows, p.to, p.from, points, .whole = true, .has_short = true};
    p.a_step = p.gemm.m * p.gemm.k;
    p.b_step = p.gemm.k * p.gemm.n;
    p.y_step = p.gemm.m * p.gemm.n;
    return p;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Images at a time, so that what stands at their points is still in a cache when it is read.
static int64_t images_at_once(const venn_conv *o, venn_conv_pass pass)
{
    const winograd p = plan(o, pass, 1);
    int64_t images = AT_ONCE / (4 * p.points * p.rows * (p.from + p.to));
    if (pass == VENN_CONV_WEIGHT && images < div_up(o->batch, MOST_CHUNKS))
        images = div_up(o->batch, MOST_CHUNKS);
    return images < 1 ? 1 : least(images, o->batch);
}

// The result of every chunk of a weight gradient stands by itself.
static int64_t size_of(const venn_conv *o, venn_conv_pass pass)
{
    const int64_t images = images_at_once(o, pass);
    const int64_t results = pass == VENN_CONV_WEIGHT ? div_up(o->batch, images) : 1;
    const winograd p = plan(o, pass, images);
    return p.points * (p.a_step + p.b_step + results * p.y_step);
}

bool venn_conv_is_winograd(const venn_profile *profile, const venn_conv *o, venn_conv_pass pass)
{
    const bool fits = o->groups == 1 && o->c % 4 == 0 && o->k % 4 == 0 && o->batch > 0 &&
                      o->c >= LEAST_CHANNELS && o->k >= LEAST_CHANNELS &&
                      o->c * o->k >= LEAST_PAIRS;
    const int64_t taps = o->kernel[0];
    if (profile->family != VENN_FAMILY_SHUFFLE || !fits || o->pad[0] != o->pad[1] ||
        (taps != 3 && taps != 5))
        return false;
    for (int i = 0; i < 2; i++)
        if (o->kernel[i] != taps || o->stride[i] != 1 || o->dilation[i] != 1 || o->pad[i] >= taps)
            return false;
    const winograd p = plan(o, pass, images_at_once(o, pass));
    const venn_gemm_plan tiles = venn_gemm_make_plan(profile, &p.gemm);
    return o->batch * p.tiles >= LEAST_TILES &&
           2 * p.grid[0] * p.grid[1] >= p.tiles * RESULTS * RESULTS && tiles.parts == 1 &&
           4 * (uint64_t)size_of(o, pass) <= profile->max_storage_range;
}

double venn_conv_winograd_rounding(const venn_profile *profile, const venn_conv *o,
                                   venn_conv_pass pass)
{
    enum { OF_3 = 2, OF_5 = 4 };
    if (!venn_conv_is_winograd(profile, o, pass))
        return 1;
    return o->kernel[0] == 3 ? OF_3 : OF_5;
}

uint64_t venn_conv_winograd_workspace(const venn_conv *o, venn_conv_pass pass)
{
    return 4 * (uint64_t)size_of(o, pass);
}

// ---- Launches --------------------------------------------------------------------------------

// A transform of `lines` of `channels`, to points or from them, which begin at `start` in the workspace.
typedef struct transform {
    const char *kernel; // as for 5x5 taps
    int64_t taps;
    int64_t lines, channels, start, step;
    venn_bind bind[3];
    int n_bind;
    uint32_t spec[3]; // from constant 1 on
} transform;

static void launch(venn_recorder *r, const transform *t, venn_push_conv2d_winograd push)
{
    const int64_t total = t->lines * (t->channels / 4);
    push.total = (uint32_t)total;
    push.start = (uint32_t)(t->start / 4);
    push.step = (uint32_t)(t->step / 4);
    VENN_SET_DIVISOR(&push, quads, (uint32_t)(t->channels / 4));
    char name[48];
    snprintf(name, sizeof name, "conv2d_winograd.%s%s.texel", t->kernel, t->taps == 3 ? "3" : "");
    venn_dispatch d = {.kernel = name,
                       .spec = {GROUP, t->spec[0], t->spec[1], t->spec[2]},
                       .n_spec = 4,
                       .push = &push,
                       .push_size = sizeof push,
                       .n_bind = t->n_bind,
                       .trips = push.parts};
    for (int i = 0; i < t->n_bind; i++)
        d.bind[i] = t->bind[i];
    venn_groups_linear(r, total, GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

// An image, x or dy, to the points.
static void to_points(venn_recorder *r, const char *kernel, const winograd *p,
                      const venn_value *image, int64_t channels, const venn_value *workspace,
                      int64_t start, int64_t step, const venn_push_conv2d_winograd *size)
{
    venn_push_conv2d_winograd push = *size;
    VENN_SET_DIVISOR(&push, tiles, (uint32_t)p->tiles);
    VENN_SET_DIVISOR(&push, tiles_x, (uint32_t)p->tiles_x);
    launch(r,
           &(transform){.kernel = kernel,
                        .taps = p->taps,
                        .lines = p->rows,
                        .channels = channels,
                        .start = start,
                        .step = step,
                        .bind = {{image, VENN_READ}, {workspace, VENN_WRITE}},
                        .n_bind = 2},
           push);
}

static void product(venn_recorder *r, const winograd *p, const venn_value *workspace, int64_t a,
                    int64_t b, int64_t y, bool by_rows)
{
    enum { FOUR_K = 1, FOUR_ROWS = 2 };
    const venn_gemm_plan plan = venn_gemm_make_plan(venn_recorder_profile(r), &p->gemm);
    venn_push_conv2d_winograd_product push = {.a_row = by_rows ? (uint32_t)p->gemm.k : 1,
                                              .a_k = by_rows ? 1 : (uint32_t)p->gemm.m,
                                              .a_start = (uint32_t)a,
                                              .b_start = (uint32_t)b,
                                              .y_start = (uint32_t)y,
                                              .a_step = (uint32_t)p->a_step,
                                              .b_step = (uint32_t)p->b_step,
                                              .y_step = (uint32_t)p->y_step};
    venn_dispatch d = {
        .kernel = "conv2d_winograd.product.shuffle",
        .spec = {plan.local_size, plan.blocks ? plan.local_size : plan.tile_m, plan.k_step,
                 by_rows ? FOUR_K : FOUR_ROWS, p->gemm.k % plan.k_step != 0, VENN_ACT_NONE, true,
                 plan.blocks},
        .n_spec = 8,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{workspace, VENN_READ}, {workspace, VENN_READ}, {workspace, VENN_WRITE}},
        .n_bind = 3,
        .trips = plan.trips};
    venn_gemm_grid(r, &plan, &p->gemm, &push.m, d.groups);
    venn_record_dispatch(r, &d);
}

static void weights_to_points(venn_recorder *r, const venn_node *n, const venn_conv *o,
                              const winograd *p, bool data, const venn_value *w)
{
    const int64_t taps = p->taps * p->taps;
    launch(r,
           &(transform){.kernel = "weight",
                        .taps = p->taps,
                        .lines = p->from,
                        .channels = p->to,
                        .step = p->b_step,
                        .bind = {{w, VENN_READ}, {n->workspace, VENN_WRITE}},
                        .n_bind = 2},
           (venn_push_conv2d_winograd){.row_step = (uint32_t)(data ? o->c * taps : taps),
                                       .channel_step = (uint32_t)(data ? taps : o->c * taps),
                                       .flip = data});
}

static void to_image(venn_recorder *r, const venn_node *n, const winograd *p, int64_t first,
                     int64_t start, const venn_value *bias, int act)
{
    venn_push_conv2d_winograd push = {
        .height = (uint32_t)p->grid[0], .width = (uint32_t)p->grid[1], .first = (uint32_t)first};
    VENN_SET_DIVISOR(&push, tiles, (uint32_t)p->tiles);
    VENN_SET_DIVISOR(&push, tiles_x, (uint32_t)p->tiles_x);
    launch(r,
           &(transform){
               .kernel = "image",
               .taps = p->taps,
               .lines = p->rows,
               .channels = p->to,
               .start = start,
               .step = p->y_step,
               .bind = {{n->workspace, VENN_READ}, {bias, VENN_READ}, {n->out[0], VENN_WRITE}},
               .n_bind = 3,
               .spec = {(uint32_t)act, bias != NULL, p->grid[1] % 4 == 0}},
           push);
}

static void record_image(venn_recorder *r, const venn_node *n, const venn_conv *o,
                         venn_conv_pass pass, const venn_value *const in[2], const venn_value *bias,
                         int act)
{
    const int64_t images = images_at_once(o, pass);
    const winograd whole = plan(o, pass, images);
    const bool data = pass == VENN_CONV_DATA;
    const int64_t a = whole.points * whole.b_step, y = a + whole.points * whole.a_step;
    const int64_t *size = data ? o->out : o->in;
    weights_to_points(r, n, o, &whole, data, in[0]);
    for (int64_t first = 0; first < o->batch; first += images) {
        const winograd p = plan(o, pass, least(images, o->batch - first));
        const venn_push_conv2d_winograd push = {
            .height = (uint32_t)size[0],
            .width = (uint32_t)size[1],
            .pad = (uint32_t)(data ? whole.taps - 1 - o->pad[0] : o->pad[0]),
            .first = (uint32_t)first};
        to_points(r, "window", &p, in[1], p.from, n->workspace, a, p.a_step, &push);
        product(r, &p, n->workspace, a, 0, y, true);
        to_image(r, n, &p, first, y, bias, act);
    }
}

static void record_weight(venn_recorder *r, const venn_node *n, const venn_conv *o,
                          const venn_value *const in[2])
{
    const int64_t images = images_at_once(o, VENN_CONV_WEIGHT);
    const winograd whole = plan(o, VENN_CONV_WEIGHT, images);
    const int64_t b = whole.points * whole.a_step, y = b + whole.points * whole.b_step;
    for (int64_t first = 0; first < o->batch; first += images) {
        const winograd p = plan(o, VENN_CONV_WEIGHT, least(images, o->batch - first));
        const venn_push_conv2d_winograd x = {.height = (uint32_t)o->in[0],
                                             .width = (uint32_t)o->in[1],
                                             .pad = (uint32_t)o->pad[0],
                                             .first = (uint32_t)first};
        const venn_push_conv2d_winograd dy = {
            .height = (uint32_t)o->out[0], .width = (uint32_t)o->out[1], .first = (uint32_t)first};
        to_points(r, "results", &p, in[0], p.to, n->workspace, 0, p.a_step, &dy);
        to_points(r, "window", &p, in[1], p.from, n->workspace, b, p.b_step, &x);
        product(r, &p, n->workspace, 0, b, y + first / images * whole.points * p.y_step, false);
    }
    launch(r,
           &(transform){.kernel = "gradient",
                        .taps = whole.taps,
                        .lines = whole.to,
                        .channels = whole.from,
                        .start = y,
                        .step = whole.y_step,
                        .bind = {{n->workspace, VENN_READ}, {n->out[0], VENN_WRITE}},
                        .n_bind = 2},
           (venn_push_conv2d_winograd){.parts = (uint32_t)div_up(o->batch, images)});
}

void venn_conv_winograd_record(venn_recorder *r, const venn_node *n, const venn_conv *o,
                               venn_conv_pass pass, const venn_value *const in[2],
                               const venn_value *bias, int act)
{
    if (pass == VENN_CONV_WEIGHT)
        record_weight(r, n, o, in);
    else
        record_image(r, n, o, pass, in, bias, act);
}

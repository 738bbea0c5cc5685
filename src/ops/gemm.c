// Planning and the surroundings of matrix products (see gemm.h). Parts of k exist for two reasons: a
// grid too small to fill the device, and a device that ends long loops. Their sums are added in
// order, so results do not depend on timing.
#include <math.h>
#include <string.h>

#include "ops/gemm.h"
#include "venn/ops.h"

#define VENN_HOST
#include "gemm.comp"
#undef VENN_HOST

enum {
    SHUFFLE_STEP = 8,  // k's of one iteration: longer ones fall out of the instruction cache
    SHORT_STEP = 5,    // for short sums
    SHORTEST = 16,     // gemm_short.glsl: k's that are worth a row's stores,
    LONGEST = 128,     // and as many as still stand in the first-level cache
    SHORT_ROWS = 128,  // of a tile there
    TILE_STEP = 16,    // gemm_tile.glsl: DEPTH
    MIN_K_PART = 256,  // shorter parts do not pay for the second stage
    TILE_GROUP = 256,  // gemm_tile.glsl: SIDE * SIDE invocations,
    TILE = 64,         // outputs of them on each side,
    WIDE_TILE = 128,   // and if WIDE
    DIRECT_GROUP = 64, // gemm_direct.glsl: invocations
    DIRECT_ROWS = 16,  // and their outputs
    BIAS_UNROLL = 8,   // gemm.comp: UNROLL
    MASK_VECS = 4      // gemm.comp: VECS
};

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

void venn_divisor_fill(uint32_t d, uint32_t *value, uint32_t *mul, uint32_t *shift)
{
    uint32_t bits = 0;
    while (((uint64_t)1 << bits) < d)
        bits++;
    *value = d;
    *mul = (uint32_t)((((uint64_t)1 << bits) - d) * ((uint64_t)1 << 32) / d + 1);
    *shift = bits;
}

// ---- Plan ------------------------------------------------------------------------------------

// Rows of a shuffle tile: few wasted rows count first, tall tiles (fewer loads per product) second,
// and a grid that fills the device third.
static uint32_t shuffle_rows(const venn_profile *profile, const venn_gemm *gemm, int64_t tiles_n)
{
    static const struct {
        uint32_t rows;
        double cost; // of one row, relative
    } choices[] = {{32, 1.0}, {16, 1.15}, {8, 1.5}};
    uint32_t best = 8;
    double best_cost = INFINITY;
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        int64_t tiles = div_up(gemm->m, choices[i].rows);
        double cost = (double)(tiles * choices[i].rows) * choices[i].cost;
        if (tiles * tiles_n * gemm->batch * 4 < profile->parallelism && choices[i].rows > 8)
            cost *= 1.5;
        if (cost < best_cost) {
            best_cost = cost;
            best = choices[i].rows;
        }
    }
    return best;
}

// Short sums of odd length (few channels, a small kernel) would waste much of a long last iteration; an
// iteration itself costs about 0.7 of a k.
static uint32_t shuffle_step(int64_t k)
{
    const bool odd = k % 4 != 0 && k < 64;
    const double shorter = (double)div_up(k, SHORT_STEP) * (SHORT_STEP + 0.7);
    return odd && shorter < (double)div_up(k, SHUFFLE_STEP) * (SHUFFLE_STEP + 0.7) ? SHORT_STEP
                                                                                   : SHUFFLE_STEP;
}

// Tall tiles load b once for many rows, if there are enough of them; 0 where sums are not short.
static uint32_t short_blocks(const venn_profile *profile, const venn_gemm *gemm, int64_t tiles_n)
{
    const int64_t tiles = div_up(gemm->m, SHORT_ROWS) * tiles_n * gemm->batch;
    const bool fits = gemm->has_short && gemm->k >= SHORTEST && gemm->k <= LONGEST &&
                      gemm->k % 8 == 0 && tiles >= profile->parallelism;
    return fits ? SHORT_ROWS / profile->subgroup_size : 0;
}

// Wide tiles reuse more, if there are enough of them and shared memory holds two.
static uint32_t tile_side(const venn_profile *profile, const venn_gemm *gemm)
{
    const int64_t tiles = div_up(gemm->m, WIDE_TILE) * div_up(gemm->n, WIDE_TILE) * gemm->batch;
    const bool fits =
        gemm->m > TILE && gemm->n > TILE && profile->shared_memory >= VENN_GEMM_WIDE_BYTES;
    return fits && tiles >= profile->parallelism ? WIDE_TILE : TILE;
}

static uint64_t trips_of(const venn_gemm_plan *plan)
{
    return (uint64_t)(plan->k_part / plan->k_step) * plan->step_trips + plan->end_trips;
}

// Iterations over k that the device does not end.
static int64_t steps_within(const venn_profile *profile, const venn_gemm_plan *plan)
{
    const int64_t left = (int64_t)profile->loop_limit - plan->end_trips;
    return left > plan->step_trips ? left / plan->step_trips : 1;
}

// Parts of k: as many as fill the device, none too short, none beyond the device's loop limit.
static void cut_k(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan)
{
    const int64_t tiles = (int64_t)plan->tiles_m * plan->tiles_n * gemm->batch;
    const int64_t steps = div_up(gemm->k, plan->k_step);
    int64_t parts = 1;
    if (!gemm->whole && tiles > 0 && tiles < profile->parallelism)
        parts = div_up(profile->parallelism, tiles);
    if (parts > gemm->k / MIN_K_PART)
        parts = gemm->k / MIN_K_PART;
    if (profile->loop_limit && steps > steps_within(profile, plan) * parts)
        parts = div_up(steps, steps_within(profile, plan));
    if (parts < 1)
        parts = 1;
    plan->k_part = (uint32_t)(div_up(steps, parts) * plan->k_step);
    plan->parts = plan->k_part ? (uint32_t)div_up(gemm->k, plan->k_part) : 1;
    plan->trips = trips_of(plan);
}

void venn_gemm_fit_plan(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan)
{
    switch (plan->family) {
    case VENN_FAMILY_SHUFFLE:
        plan->local_size = profile->subgroup_size;
        break;
    case VENN_FAMILY_TILE:
        plan->local_size = TILE_GROUP;
        break;
    case VENN_FAMILY_DIRECT:
        plan->local_size = DIRECT_GROUP;
        break;
    case VENN_FAMILY_COOP:
        break; // complete
    }
    plan->wide = plan->family != VENN_FAMILY_SHUFFLE && plan->tile_m == WIDE_TILE;
    plan->tiles_m = (uint32_t)div_up(gemm->m, plan->tile_m);
    plan->tiles_n = (uint32_t)div_up(gemm->n, plan->tile_n);
    plan->trips = trips_of(plan);
}

static void shuffle_plan(const venn_profile *profile, const venn_gemm *gemm, venn_gemm_plan *plan)
{
    plan->tile_n = 4 * profile->subgroup_size;
    const int64_t tiles_n = div_up(gemm->n, plan->tile_n);
    plan->blocks = short_blocks(profile, gemm, tiles_n);
    if (plan->blocks) {
        plan->k_step = (uint32_t)gemm->k;
        plan->tile_m = SHORT_ROWS;
        // Each row and each block is an iteration, and so is each loop's end.
        plan->step_trips = plan->tile_m + 2 * plan->blocks + 1;
    } else {
        plan->k_step = shuffle_step(gemm->k);
        plan->tile_m = shuffle_rows(profile, gemm, tiles_n);
    }
}

venn_gemm_plan venn_gemm_rule_plan(const venn_profile *profile, const venn_gemm *gemm)
{
    venn_gemm_plan plan = {.family = venn_gemm_is_coop(profile, gemm) ? VENN_FAMILY_COOP
                                                                      : profile->family,
                           .step_trips = 1};
    switch (plan.family) {
    case VENN_FAMILY_SHUFFLE:
        shuffle_plan(profile, gemm, &plan);
        break;
    case VENN_FAMILY_TILE:
        plan.k_step = TILE_STEP;
        plan.tile_m = plan.tile_n = tile_side(profile, gemm);
        break;
    case VENN_FAMILY_DIRECT:
        plan.k_step = 1;
        plan.tile_m = DIRECT_ROWS;
        plan.tile_n = VENN_GEMM_DIRECT_COLUMNS;
        break;
    case VENN_FAMILY_COOP:
        venn_gemm_coop_plan(profile, gemm, &plan);
        break;
    }
    venn_gemm_fit_plan(profile, gemm, &plan);
    cut_k(profile, gemm, &plan);
    return plan;
}

venn_gemm_plan venn_gemm_make_plan(const venn_profile *profile, const venn_gemm *gemm)
{
    venn_gemm_plan plan = venn_gemm_rule_plan(profile, gemm);
    if (gemm->name && plan.family != VENN_FAMILY_COOP)
        venn_gemm_tune(profile, gemm, &plan);
    return plan;
}

uint64_t venn_gemm_part_stride(const venn_gemm *gemm)
{
    return (uint64_t)div_up(gemm->batch * gemm->m * gemm->n, 4) * 4;
}

uint64_t venn_gemm_workspace(const venn_gemm_plan *plan, const venn_gemm *gemm)
{
    return plan->parts > 1 ? venn_gemm_part_stride(gemm) * plan->parts * 4 : 0;
}

void venn_gemm_grid(const venn_recorder *r, const venn_gemm_plan *plan, const venn_gemm *gemm,
                    uint32_t *push, uint32_t groups[3])
{
    // Few tiles high: each part of b is read by those in turn, while it is in a cache.
    enum { FEW = 4 };
    const bool by_column = plan->tiles_m <= FEW && plan->tiles_m < plan->tiles_n;
    const uint32_t runs = by_column ? plan->tiles_n : plan->tiles_m;
    const uint32_t run_tiles = by_column ? plan->tiles_m : plan->tiles_n;
    const uint32_t words[] = {(uint32_t)gemm->m, (uint32_t)gemm->n, (uint32_t)gemm->k,
                              plan->k_part,      by_column,         runs,
                              plan->parts};
    memcpy(push, words, sizeof words);
    push += sizeof words / sizeof *words;
    venn_divisor_fill(run_tiles ? run_tiles : 1, push, push + 1, push + 2);
    venn_groups_linear(r, (int64_t)plan->tiles_n * plan->tiles_m, 1, groups);
    groups[2] = (uint32_t)(plan->parts * gemm->batch);
}

// ---- Panels ----------------------------------------------------------------------------------

int64_t venn_gemm_panel_floats(int64_t k, int64_t columns, int64_t width)
{
    return div_up(columns, width) * k * width;
}

void venn_gemm_pack(venn_recorder *r, const venn_value *x, int64_t k, int64_t columns,
                    int64_t width, const venn_value *y, int64_t start)
{
    enum { ROWS = 4, GROUP = 256 }; // gemm.comp: ROWS
    const int64_t chunks = div_up(k, ROWS), quads = width / 4;
    const int64_t total = div_up(columns, width) * chunks * quads;
    venn_push_gemm_pack push = {.total = (uint32_t)total,
                                .k = (uint32_t)k,
                                .columns = (uint32_t)(columns / 4),
                                .start = (uint32_t)(start / 4)};
    VENN_SET_DIVISOR(&push, quads, (uint32_t)quads);
    VENN_SET_DIVISOR(&push, chunks, (uint32_t)chunks);
    venn_dispatch d = {.kernel = "gemm.pack",
                       .spec = {GROUP},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{x, VENN_READ}, {y, VENN_WRITE}},
                       .n_bind = 2};
    venn_groups_linear(r, total, GROUP, d.groups);
    venn_record_dispatch(r, &d);
}

// ---- Sum of parts ----------------------------------------------------------------------------

void venn_gemm_reduce(venn_recorder *r, const venn_value *scratch, const venn_gemm_end *end,
                      const venn_value *y, int64_t n, uint32_t parts, uint64_t stride)
{
    const venn_profile *profile = venn_recorder_profile(r);
    venn_push_gemm_reduce push = {.count = (uint32_t)y->count,
                                  .n_parts = parts,
                                  .stride = (uint32_t)stride,
                                  .has_bias = end->bias != NULL,
                                  .more = end->tail ? (uint32_t)div_up(end->tail->count, 4) : 0};
    VENN_SET_DIVISOR(&push, cols, (uint32_t)(n ? n : 1));
    venn_dispatch d = {
        .kernel = profile->texel_loads ? "gemm.reduce.texel" : "gemm.reduce",
        .spec = {64, (uint32_t)end->act, end->gate ? (uint32_t)end->gate_act : VENN_ACT_NONE},
        .n_spec = 3,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{scratch, VENN_READ},
                 {end->bias, VENN_READ},
                 {y, VENN_WRITE},
                 {end->gate, VENN_READ},
                 {end->tail, VENN_WRITE}},
        .n_bind = 5,
        .trips = parts};
    venn_groups_linear(r, div_up(y->count, 4) + push.more, 64, d.groups);
    venn_record_dispatch(r, &d);
}

// ---- Activation ------------------------------------------------------------------------------

const char *const venn_activation_names[] = {"none", "relu", "sigmoid", "tanh", NULL};

double venn_gemm_act(double v, int act)
{
    switch (act) {
    case VENN_ACT_RELU:
        return v > 0 ? v : 0;
    case VENN_ACT_SIGMOID:
        return 1 / (1 + exp(-v));
    case VENN_ACT_TANH:
        return tanh(v);
    default:
        return v;
    }
}

double venn_gemm_act_slope(double y, int act)
{
    switch (act) {
    case VENN_ACT_RELU:
        return y > 0;
    case VENN_ACT_SIGMOID:
        return y * (1 - y);
    case VENN_ACT_TANH:
        return 1 - y * y;
    default:
        return 1;
    }
}

static bool mask_shape(venn_node *n)
{
    if (!venn_shape_equal(&n->in[0]->shape, &n->in[1]->shape))
        return venn_node_error(n, "y and dy must have one shape");
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void mask_record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const uint32_t group = profile->elementwise_group;
    venn_push_gemm_mask push = {(uint32_t)n->in[0]->count};
    venn_dispatch d = {
        .kernel = profile->texel_loads ? "gemm.mask.texel" : "gemm.mask",
        .spec = {group, (uint32_t) * (const int *)n->params},
        .n_spec = 2,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{n->in[0], VENN_READ}, {n->in[1], VENN_READ}, {n->out[0], VENN_WRITE}},
        .n_bind = 3};
    venn_groups_linear(r, n->in[0]->count, (int64_t)group * 4 * MASK_VECS, d.groups);
    venn_record_dispatch(r, &d);
}

static void mask_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->out[0]->count;
    cost->bytes = 12.0 * (double)n->out[0]->count;
}

const venn_op_desc venn_gemm_mask_op = {.name = "gemm.mask",
                                        .summary = "dz = dy act'(y)",
                                        .inputs = {{"y"}, {"dy"}},
                                        .n_inputs = 2,
                                        .n_outputs = 1,
                                        .params_size = sizeof(int),
                                        .shape = mask_shape,
                                        .record = mask_record,
                                        .cost = mask_cost,
                                        .joins = {VENN_JOIN_BEHIND, 1}};

venn_tensor venn_gemm_mask(venn_graph *g, venn_tensor y, venn_tensor dy, int act)
{
    if (act == VENN_ACT_NONE)
        return dy;
    venn_tensor in[] = {y, dy};
    return venn_op_apply(g, &venn_gemm_mask_op, in, 2, &act, NULL);
}

// ---- Bias gradient ---------------------------------------------------------------------------

typedef struct bias_plan {
    int64_t outer, channels, inner;
    int64_t groups, rows, parts, stride; // invocations of a part, rows of outer in it
    uint64_t trips;
} bias_plan;

static bias_plan plan_bias(const venn_profile *profile, const venn_node *n)
{
    enum { INVOCATIONS = 128, MIN_ROWS = 32, MAX_PARTS = 256 };
    const int axis = *(const int *)n->params;
    const venn_shape *s = &n->in[0]->shape;
    bias_plan p = {.outer = 1, .channels = s->dim[axis], .inner = 1};
    for (int i = 0; i < axis; i++)
        p.outer *= s->dim[i];
    for (int i = axis + 1; i < s->rank; i++)
        p.inner *= s->dim[i];
    const bool columns = p.inner == 1;
    p.groups = columns ? div_up(p.channels, 4) : p.channels;
    p.stride = div_up(p.channels, 4) * 4;
    int64_t wanted = (int64_t)profile->parallelism * INVOCATIONS;
    int64_t parts = p.groups ? div_up(wanted, p.groups) : 1;
    const int64_t row_trips = columns ? 1 : 1 + div_up(p.inner, 4 * BIAS_UNROLL);
    int64_t min_rows = columns ? MIN_ROWS : div_up(4 * MIN_ROWS, p.inner ? p.inner : 1);
    if (parts > MAX_PARTS)
        parts = MAX_PARTS;
    if (parts > p.outer / min_rows)
        parts = p.outer / min_rows;
    if (parts < 1)
        parts = 1;
    p.rows = div_up(p.outer, parts);
    const int64_t step = columns ? BIAS_UNROLL : 1;
    if (profile->loop_limit && div_up(p.rows, step) * row_trips > profile->loop_limit) {
        p.rows = (int64_t)profile->loop_limit / row_trips * step;
        p.rows = p.rows ? p.rows : 1;
    }
    p.parts = p.rows ? div_up(p.outer, p.rows) : 1;
    p.trips = (uint64_t)(div_up(p.rows, step) * row_trips);
    return p;
}

static bool bias_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32,
                     venn_shape_make(&n->in[0]->shape.dim[*(const int *)n->params], 1));
    return true;
}

static uint64_t bias_workspace(const venn_profile *profile, const venn_node *n)
{
    bias_plan p = plan_bias(profile, n);
    return p.parts > 1 ? (uint64_t)(p.parts * p.stride) * 4 : 0;
}

static void bias_record(venn_recorder *r, const venn_node *n)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const bias_plan p = plan_bias(profile, n);
    const uint32_t mode =
        p.inner == 1 ? (p.channels % 4 == 0 ? 1u : 0u) : (p.inner % 4 == 0 ? 3u : 2u);
    venn_push_gemm_bias push = {.outer = (uint32_t)p.outer,
                                .inner = (uint32_t)p.inner,
                                .rows = (uint32_t)p.rows,
                                .stride = (uint32_t)p.stride,
                                .total = (uint32_t)(p.groups * p.parts),
                                .channels = (uint32_t)p.channels};
    VENN_SET_DIVISOR(&push, groups, (uint32_t)(p.groups ? p.groups : 1));
    const venn_value *to = p.parts > 1 ? n->workspace : n->out[0];
    venn_dispatch d = {.kernel = profile->texel_loads ? "gemm.bias.texel" : "gemm.bias",
                       .spec = {64, mode},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {to, VENN_WRITE}},
                       .n_bind = 2,
                       .trips = p.trips};
    venn_groups_linear(r, p.groups * p.parts, 64, d.groups);
    venn_record_dispatch(r, &d);
    if (p.parts > 1)
        venn_gemm_reduce(r, n->workspace, &(venn_gemm_end){0}, n->out[0], p.channels,
                         (uint32_t)p.parts, (uint64_t)p.stride);
}

static void bias_cost(const venn_node *n, venn_cost *cost)
{
    cost->flops = (double)n->in[0]->count;
    cost->bytes = 4.0 * (double)n->in[0]->count;
}

const venn_op_desc venn_gemm_bias_op = {.name = "gemm.bias",
                                        .summary = "db = sum of dy over all axes but one",
                                        .inputs = {{"dy"}},
                                        .n_inputs = 1,
                                        .n_outputs = 1,
                                        .params_size = sizeof(int),
                                        .shape = bias_shape,
                                        .workspace = bias_workspace,
                                        .record = bias_record,
                                        .cost = bias_cost,
                                        .joins = {VENN_JOIN_BESIDE, 0}};

venn_tensor venn_gemm_bias_gradient(venn_graph *g, venn_tensor x, int axis)
{
    return venn_op_apply(g, &venn_gemm_bias_op, &x, 1, &axis, NULL);
}

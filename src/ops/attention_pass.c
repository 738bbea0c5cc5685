// The passes of attention: y with the logarithms of the softmax sums, and the gradients to q, k and v.
#include <math.h>
#include <stdio.h>

#include "ops/attention.h"
#include "venn/ops.h"

#define VENN_HOST
#include "attention.comp"

#define Q VENN_ATTENTION_Q
#define K VENN_ATTENTION_K
#define V VENN_ATTENTION_V
#define MASK VENN_ATTENTION_MASK
#define BIAS VENN_ATTENTION_BIAS
// Further inputs of a gradient.
enum { DY = VENN_ATTENTION_INPUTS, LSE, DELTA, INPUTS };

typedef struct pass_params {
    venn_attention_form form;
    uint32_t mode;
} pass_params;

static int64_t div_up(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

// ---- Operands --------------------------------------------------------------------------------

// What stands at the bindings of the kernels, and how much of it there is.
typedef struct operands {
    const venn_value *a, *b, *c, *d, *z, *lse, *delta, *y, *lse_y;
    int64_t own, others, width, width2, columns;
    uint32_t mode;
    bool aligned; // rows begin and end on groups of four
} operands;

static operands operands_of(const venn_node *n)
{
    const pass_params *p = n->params;
    const venn_attention_form *f = &p->form;
    const venn_value *q = n->in[Q], *k = n->in[K], *v = n->in[V], *y = n->out[0];
    const bool back = p->mode != FORWARD, keys = p->mode == KEY || p->mode == VALUE;
    const venn_value *dy = back ? n->in[DY] : NULL, *lse = back ? n->in[LSE] : NULL;
    const venn_value *delta = back ? n->in[DELTA] : NULL;
    operands o = {.mode = p->mode,
                  .y = y,
                  .lse = lse,
                  .own = keys ? f->keys : f->queries,
                  .others = keys ? f->queries : f->keys,
                  .width = f->width,
                  .a = keys ? k : q,
                  .c = keys ? q : k};
    if (p->mode == FORWARD) {
        o.z = v;
        o.lse_y = n->out[1];
        o.columns = f->columns;
    } else if (p->mode == VALUE) {
        o.z = dy;
        o.columns = f->columns;
    } else {
        o.b = keys ? v : dy;
        o.d = keys ? dy : v;
        o.z = keys ? q : k;
        o.delta = delta;
        o.width2 = f->columns;
        o.columns = f->width;
    }
    o.aligned = o.width % 4 == 0 && o.width2 % 4 == 0 && o.columns % 4 == 0;
    return o;
}

// ---- Plan ------------------------------------------------------------------------------------

enum {
    TILE_GROUP = 256, // attention_tile.comp: invocations,
    TILE_SIDE = 64,   // rows and columns,
    TILE_DEPTH = 16,
    TILE_BYTES = 28160, // and shared memory
    RAISE_TRIPS = 34,
    MARGIN = 2, // below a loop limit
    DIRECT_GROUP = 64
};

typedef struct plan {
    char kernel[64];
    uint32_t group, sub, rows, each, held; // specialization of attention.comp
    int64_t own_rows, columns;             // of a tile
    int64_t tile_lanes;
    int64_t step;  // other rows of an iteration
    int64_t span;  // other rows of a launch
    int64_t trips; // of a launch; leaving a loop counts as one more
} plan;

// Groups of columns that a lane holds: every block of columns makes the scores anew, but many groups make a
// long kernel, longest where elements are loaded one by one.
static uint32_t held_groups(int64_t columns, bool aligned)
{
    if (!aligned)
        return columns > 4 ? 4 : 1;
    return columns > 32 ? 16 : columns > 16 ? 8 : columns > 4 ? 4 : 1;
}

static bool runs_tiles(const venn_profile *profile)
{
    return profile->family == VENN_FAMILY_TILE && profile->shared_memory >= TILE_BYTES &&
           profile->max_workgroup_size >= TILE_GROUP;
}

static plan plan_tiles(const venn_profile *profile, const operands *o)
{
    plan p = {.group = TILE_GROUP,
              .own_rows = TILE_SIDE,
              .columns = TILE_SIDE,
              .tile_lanes = TILE_GROUP,
              .step = TILE_SIDE};
    p.trips =
        4 + div_up(o->width, TILE_DEPTH) + div_up(o->width2, TILE_DEPTH) + TILE_SIDE / TILE_DEPTH;
    p.trips += o->mode == FORWARD ? RAISE_TRIPS : 0;
    snprintf(p.kernel, sizeof p.kernel, "attention_tile.pass%s",
             profile->texel_loads ? ".texel" : "");
    return p;
}

static plan plan_lanes(const venn_profile *profile, const operands *o)
{
    const bool shuffle = profile->family == VENN_FAMILY_SHUFFLE;
    plan p = {.group = shuffle ? profile->subgroup_size : DIRECT_GROUP,
              .sub = shuffle ? profile->subgroup_size : 1,
              .rows = shuffle ? 2 : 4,
              .each = shuffle ? 1 : 4,
              .held = held_groups(o->columns, o->aligned)};
    p.own_rows = (int64_t)p.rows * p.sub;
    p.columns = (int64_t)4 * p.held;
    p.tile_lanes = p.sub;
    p.step = (int64_t)p.each * p.sub;
    p.trips = 3 + div_up(o->width, 4) + div_up(o->width2, 4);
    snprintf(p.kernel, sizeof p.kernel, "attention.pass%s%s", shuffle ? "" : ".single",
             profile->texel_loads ? ".texel" : "");
    return p;
}

static plan make_plan(const venn_profile *profile, const operands *o)
{
    plan p = runs_tiles(profile) ? plan_tiles(profile, o) : plan_lanes(profile, o);
    int64_t steps = div_up(o->others, p.step);
    if (profile->loop_limit && steps * p.trips > profile->loop_limit - MARGIN)
        steps = (profile->loop_limit - MARGIN) / p.trips;
    steps = steps < 1 ? 1 : steps;
    p.span = steps * p.step;
    p.trips = p.trips * steps + 1;
    return p;
}

// ---- Launches --------------------------------------------------------------------------------

static void set_push(const venn_node *n, const operands *o, const plan *p,
                     venn_push_attention *push)
{
    const venn_attention_form *f = &((const pass_params *)n->params)->form;
    const venn_value *bias = n->in[BIAS];
    *push = (venn_push_attention){.own = (uint32_t)o->own,
                                  .others = (uint32_t)o->others,
                                  .heads = (uint32_t)f->heads,
                                  .pairs = (uint32_t)(f->batch * f->heads),
                                  .interleaved = f->interleaved,
                                  .tiles = (uint32_t)div_up(o->own, p->own_rows),
                                  .blocks = (uint32_t)div_up(o->columns, p->columns),
                                  .width = (uint32_t)o->width,
                                  .width2 = (uint32_t)o->width2,
                                  .columns = (uint32_t)o->columns,
                                  .causal = f->causal,
                                  .has_mask = n->in[MASK] != NULL,
                                  .scale = f->scale,
                                  .has_bias = bias != NULL};
    if (!bias)
        return;
    const int64_t plane = f->queries * f->keys;
    push->bias_head = bias->shape.dim[1] == 1 ? 0 : (uint32_t)plane;
    push->bias_entry = bias->shape.dim[0] == 1 ? 0 : (uint32_t)(plane * bias->shape.dim[1]);
}

// The launches of a pass: each goes on where the one before ended, reading from `other_lse` what that one
// wrote there, for blocks of columns would read and write one array at a time; the last writes lse_y.
static void launch(venn_recorder *r, const venn_node *n, const operands *o, const plan *p)
{
    const int64_t launches = div_up(o->others, p->span);
    const venn_value *lse[2] = {o->lse_y, n->workspace};
    venn_push_attention push;
    set_push(n, o, p, &push);
    venn_dispatch d = {
        .kernel = p->kernel,
        // Tiles have no subgroup, but say that they are wide.
        .spec = {p->group, o->mode, o->aligned, p->sub ? p->sub : 1, p->rows, p->each, p->held},
        .n_spec = p->sub ? 7 : 4,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{o->a, VENN_READ},
                 {o->b, VENN_READ},
                 {o->c, VENN_READ},
                 {o->d, VENN_READ},
                 {o->z, VENN_READ},
                 {n->in[MASK], VENN_READ},
                 {n->in[BIAS], VENN_READ},
                 {o->lse, VENN_READ},
                 {o->delta, VENN_READ},
                 {o->y, VENN_WRITE},
                 {NULL, VENN_WRITE}},
        .n_bind = 11,
        .trips = (uint64_t)p->trips};
    venn_groups_linear(r, (int64_t)push.tiles * push.blocks * push.pairs * p->tile_lanes, p->group,
                       d.groups);
    for (int64_t i = 0; i < launches; i++) {
        const int64_t end = (i + 1) * p->span, left = launches - 1 - i;
        push.begin = (uint32_t)(i * p->span);
        push.end = (uint32_t)(end < o->others ? end : o->others);
        push.resume = i > 0;
        d.bind[9].access = i > 0 ? VENN_UPDATE : VENN_WRITE;
        if (o->mode == FORWARD) {
            d.bind[7].value = i > 0 ? lse[(left + 1) % 2] : NULL;
            d.bind[10].value = lse[left % 2];
        }
        venn_record_dispatch(r, &d);
    }
}

static void record(venn_recorder *r, const venn_node *n)
{
    const pass_params *params = n->params;
    const operands o = operands_of(n);
    if (o.y->count == 0 || o.others == 0 || params->form.columns == 0) {
        for (int i = 0; i < n->n_out; i++)
            venn_record_fill(r, n->out[i], 0);
        return;
    }
    const plan p = make_plan(venn_recorder_profile(r), &o);
    launch(r, n, &o, &p);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const pass_params *p = n->params;
    const venn_attention_form *f = &p->form;
    const double scores = (double)(f->batch * f->heads * f->queries) * (double)f->keys;
    const int64_t products = p->mode == QUERY || p->mode == KEY ? 2 : 1;
    cost->flops = 2 * scores * (double)(products * f->width + f->columns) * (f->causal ? 0.5 : 1);
    for (int i = 0; i < n->n_in; i++)
        cost->bytes += n->in[i] ? 4.0 * (double)n->in[i]->count : 0;
    cost->bytes += 4.0 * (double)n->out[0]->count;
}

// ---- Backward --------------------------------------------------------------------------------

static bool backward_shape(venn_node *n)
{
    const pass_params *p = n->params;
    const int of = p->mode == QUERY ? Q : p->mode == KEY ? K : V;
    venn_node_output(n, 0, VENN_F32, n->in[of]->shape);
    return true;
}

static const venn_op_desc backward = {
    .name = "attention.backward",
    .summary = "dq, dk or dv",
    .inputs = {{"q"},
               {"k"},
               {"v"},
               {"mask", VENN_I32, VENN_BINARY, VENN_IN_OPTIONAL},
               {"bias", .flags = VENN_IN_OPTIONAL},
               {"dy"},
               {"lse"},
               {"delta"}},
    .n_inputs = INPUTS,
    .n_outputs = 1,
    .params_size = sizeof(pass_params),
    .shape = backward_shape,
    .record = record,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    const pass_params *p = n->params;
    const uint32_t modes[] = {[Q] = QUERY, [K] = KEY, [V] = VALUE};
    const venn_reduce_params last = {.axes = 1 << 3};
    venn_tensor in[INPUTS] = {{0}};
    for (int i = 0; i < VENN_ATTENTION_INPUTS; i++)
        in[i] = venn_in(n, i);
    in[DY] = dy[0];
    in[LSE] = venn_out(n, 1);
    // In f32, as it cancels dy.v.
    in[DELTA] = venn_sum(g, venn_mul(g, venn_cast(g, venn_out(n, 0), VENN_F32), dy[0]), &last);
    for (int i = Q; i <= V; i++) {
        pass_params back = {p->form, modes[i]};
        if (need >> i & 1)
            dx[i] = venn_op_apply(g, &backward, in, INPUTS, &back, NULL);
    }
}

// ---- Forward ---------------------------------------------------------------------------------

static bool shape(venn_node *n)
{
    venn_shape y = n->in[Q]->shape, lse = y;
    y.dim[3] = n->in[V]->shape.dim[3];
    lse.rank = 3;
    venn_node_output(n, 0, VENN_F32, y);
    venn_node_output(n, 1, VENN_F32, lse);
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const operands o = operands_of(n);
    const plan p = make_plan(profile, &o);
    return o.others > p.span ? 4 * (uint64_t)n->out[1]->count : 0;
}

static const venn_op_desc pass = {
    .name = "attention.pass",
    .summary = "y, and the logarithm of the sum behind each softmax",
    .inputs = {{"q"},
               {"k"},
               {"v"},
               {"mask", VENN_I32, VENN_BINARY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"bias", .flags = VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = VENN_ATTENTION_INPUTS,
    .n_outputs = 2,
    .params_size = sizeof(pass_params),
    .shape = shape,
    .record = record,
    .workspace = workspace,
    .gradient = gradient,
    .cost = cost,
};

venn_tensor venn_attention_apply(venn_graph *g, const venn_attention_form *form,
                                 const venn_tensor in[VENN_ATTENTION_INPUTS])
{
    const pass_params params = {*form, FORWARD};
    return venn_op_apply(g, &pass, in, VENN_ATTENTION_INPUTS, &params, NULL);
}

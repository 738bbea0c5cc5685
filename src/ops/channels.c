// Plans and launches of kernels per channel (see channels.h).
#include <string.h>

#include "ops/channels.h"

#define VENN_HOST
#include "channels.comp"

enum { MAX_PARTS = 256, JOIN_GROUP = 64 };

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return (a + b - 1) / b;
}

static uint32_t power_below(uint64_t most, uint32_t limit)
{
    uint32_t n = 1;
    while (n * 2 <= limit && n * 2 <= most)
        n *= 2;
    return n;
}

venn_planes venn_planes_of(const venn_value *x)
{
    venn_planes planes = {x->shape.dim[0], x->shape.dim[1], 1};
    for (int i = 2; i < x->shape.rank; i++)
        planes.area *= x->shape.dim[i];
    return planes;
}

static venn_channels shape_of(const venn_profile *p, venn_planes x)
{
    enum { STEP = 8 }; // groups of four that a step reads
    const venn_rows rows = venn_rows_plan(p, 1, 4, 1);
    venn_channels c = {.x = x, .column = x.area == 1};
    const uint64_t groups = c.column ? 1 : divide_up((uint64_t)x.area, 4);
    c.lanes = c.column ? 1 : power_below(groups, rows.subgroup);
    c.held = power_below(divide_up(groups, c.lanes), STEP / 2);
    c.step_images = power_below((uint64_t)x.images, STEP / c.held);
    c.aligned = (c.column ? x.channels : x.area) % 4 == 0;
    c.group = rows.subgroup * 4 <= p->max_workgroup_size ? rows.subgroup * 4 : rows.subgroup;
    c.suffix = rows.suffix;
    c.map_suffix = p->texel_loads ? ".texel" : "";
    return c;
}

// Cuts every channel in about `parts`: by images, and planes as well where those are too few.
static void cut(venn_channels *c, uint64_t parts)
{
    const uint64_t groups = c->column ? 1 : divide_up((uint64_t)c->x.area, 4);
    const uint64_t image_steps = divide_up((uint64_t)c->x.images, c->step_images);
    const uint64_t group_steps = divide_up(groups, (uint64_t)c->lanes * c->held);
    uint64_t ranges = parts < image_steps ? parts : image_steps;
    if (ranges == 0)
        ranges = 1;
    uint64_t segments = divide_up(parts, ranges);
    if (segments > group_steps)
        segments = group_steps ? group_steps : 1;
    const uint64_t range_steps = divide_up(image_steps, ranges);
    const uint64_t segment_steps = divide_up(group_steps, segments);
    c->per_part = (uint32_t)(range_steps * c->step_images);
    c->per_segment = (uint32_t)(segment_steps * c->lanes * c->held);
    c->segments = (uint32_t)(segment_steps ? divide_up(group_steps, segment_steps) : 1);
    c->parts = c->segments * (uint32_t)(range_steps ? divide_up(image_steps, range_steps) : 1);
    const uint64_t lines =
        c->column ? divide_up((uint64_t)c->x.channels, 4) : (uint64_t)c->x.channels;
    c->units = (uint32_t)(lines * c->parts);
    c->trips = range_steps * (1 + segment_steps);
}

static uint64_t all_steps(const venn_channels *c)
{
    const uint64_t groups = c->column ? 1 : divide_up((uint64_t)c->x.area, 4);
    return divide_up((uint64_t)c->x.images, c->step_images) *
           divide_up(groups, (uint64_t)c->lanes * c->held);
}

venn_channels venn_channels_sums(const venn_profile *p, venn_planes x)
{
    enum { LEAST = 8, MOST = 16384 }; // steps worth a part; steps below the loop limit
    venn_channels c = shape_of(p, x);
    const uint64_t lines = c.column ? divide_up((uint64_t)c.x.channels, 4) : (uint64_t)c.x.channels;
    const uint64_t wanted = (p->software ? 64 : (uint64_t)p->parallelism * 64) / c.lanes;
    uint64_t parts = lines ? divide_up(wanted, lines) : 1;
    if (parts > all_steps(&c) / LEAST)
        parts = all_steps(&c) / LEAST;
    if (parts < divide_up(all_steps(&c), MOST))
        parts = divide_up(all_steps(&c), MOST);
    cut(&c, parts == 0 ? 1 : parts > MAX_PARTS ? MAX_PARTS : parts);
    return c;
}

venn_channels venn_channels_map(const venn_profile *p, venn_planes x)
{
    venn_channels c = shape_of(p, x);
    const uint64_t parts = divide_up(all_steps(&c), p->software ? 16 : 1);
    cut(&c, parts ? parts : 1);
    return c;
}

void venn_channels_push(const venn_channels *c, uint32_t *push)
{
    const uint32_t words[] = {(uint32_t)c->x.images,
                              (uint32_t)c->x.channels,
                              (uint32_t)c->x.area,
                              c->units,
                              c->parts,
                              c->segments,
                              c->per_part,
                              c->per_segment};
    memcpy(push, words, sizeof words);
}

void venn_channels_record(venn_recorder *r, const venn_channels *c, venn_dispatch *d)
{
    const uint32_t spec[VENN_CHANNELS_SPEC] = {c->group,   c->lanes,       c->held,  true,
                                               c->aligned, c->step_images, c->column};
    for (int i = 0; i < VENN_CHANNELS_SPEC; i++)
        d->spec[i] = spec[i];
    d->trips = c->trips;
    venn_groups_linear(r, c->units, c->group / c->lanes, d->groups);
    venn_record_dispatch(r, d);
}

void venn_channels_record_join(venn_recorder *r, const venn_channels *c, venn_dispatch *d)
{
    const uint32_t spec[VENN_CHANNELS_SPEC] = {JOIN_GROUP, 1, 1, true, false, 1, false};
    for (int i = 0; i < VENN_CHANNELS_SPEC; i++)
        d->spec[i] = spec[i];
    d->trips = c->parts;
    venn_groups_linear(r, c->x.channels, JOIN_GROUP, d->groups);
    venn_record_dispatch(r, d);
}

uint64_t venn_channels_pairs(const venn_channels *c)
{
    return c->parts > 1 ? c->parts * (uint64_t)c->x.channels * 2 * sizeof(float) : 0;
}

void venn_channels_record_total(venn_recorder *r, const venn_channels *c, const venn_value *partial,
                                const venn_value *a, const venn_value *b)
{
    const venn_push_channels_total push = {(uint32_t)c->x.channels, c->parts};
    venn_dispatch d = {.kernel = "channels.total",
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{partial, VENN_READ}, {a, VENN_WRITE}, {b, VENN_WRITE}},
                       .n_bind = 3};
    venn_channels_record_join(r, c, &d);
}

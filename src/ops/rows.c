// Plans and launches of kernels along the last axis (see rows.h).
#include <stdio.h>

#include "ops/rows.h"

static uint32_t divide_up(uint64_t a, uint64_t b)
{
    return (uint32_t)((a + b - 1) / b);
}

static uint32_t exchange_width(const venn_profile *p)
{
    const uint32_t s = p->subgroup_size;
    // The kernels' butterflies have seven steps: 128 lanes.
    bool fits = p->subgroup_shuffle && s > 1 && s <= 128 && (s & (s - 1)) == 0 &&
                s <= p->max_workgroup_size;
    return fits ? s : 1;
}

// Few distinct sizes, so that few pipelines are made.
static uint32_t round_held(uint32_t held)
{
    static const uint32_t sizes[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (held <= sizes[i])
            return sizes[i];
    return held;
}

// A large workgroup costs less than several small ones, if enough of them are left to go round.
static uint32_t workgroup(const venn_profile *p, uint32_t subgroup, uint32_t subgroups)
{
    uint32_t most = p->elementwise_group / subgroup;
    if (subgroups < (uint64_t)most * p->parallelism && most > 4)
        most = 4;
    return (most ? most : 1) * subgroup;
}

venn_rows venn_rows_plan(const venn_profile *p, int64_t count, int64_t length, int arrays)
{
    const uint32_t groups = divide_up((uint64_t)length, 4);
    // Software devices run invocations one after the other: few, with much in hand. GPUs have no
    // registers to hold long rows in, but lanes to spread them over.
    const uint32_t wanted = p->software ? 8 : 1;
    const uint32_t most = (p->software ? 32u : 8u) / (uint32_t)arrays;
    venn_rows rows = {.lanes = 1, .subgroup = exchange_width(p), .aligned = length % 4 == 0};
    while (rows.lanes < rows.subgroup && divide_up(groups, rows.lanes) > wanted)
        rows.lanes *= 2;
    rows.held = round_held(divide_up(groups, rows.lanes));
    rows.chunks = 1;
    if (rows.held > most) {
        rows.held = p->software ? 8 : 4;
        rows.chunks = divide_up(groups, (uint64_t)rows.held * rows.lanes);
    }
    // Short rows spend little on their ends: their kernels need not know.
    rows.filled =
        rows.aligned && rows.chunks == 1 && rows.held >= 8 && groups == rows.held * rows.lanes;
    rows.group =
        workgroup(p, rows.subgroup, divide_up((uint64_t)count * rows.lanes, rows.subgroup));
    rows.suffix = rows.subgroup == 1 ? ".single" : p->texel_loads ? ".texel" : "";
    return rows;
}

int64_t venn_rows_length(const venn_value *value)
{
    const venn_shape *s = &value->shape;
    return s->rank ? s->dim[s->rank - 1] : 1;
}

int64_t venn_rows_count(const venn_value *value)
{
    const int64_t length = venn_rows_length(value);
    return length ? value->count / length : 0;
}

void venn_rows_dispatch(const venn_rows *rows, const char *stem, char name[VENN_KERNEL_NAME],
                        venn_dispatch *d)
{
    snprintf(name, VENN_KERNEL_NAME, "%s%s", stem, rows->suffix);
    d->kernel = name;
    const uint32_t spec[VENN_ROWS_SPEC] = {rows->group, rows->lanes, rows->held, rows->chunks == 1,
                                           rows->filled ? 2 : rows->aligned};
    for (int i = 0; i < VENN_ROWS_SPEC; i++)
        d->spec[i] = spec[i];
    d->n_spec = VENN_ROWS_SPEC;
}

void venn_rows_record(venn_recorder *r, const venn_node *n, const char *stem, const void *push,
                      uint32_t push_size, int arrays, int passes)
{
    const int64_t count = venn_rows_count(n->in[0]);
    if (count == 0)
        return;
    const venn_rows rows =
        venn_rows_plan(venn_recorder_profile(r), count, venn_rows_length(n->in[0]), arrays);
    venn_dispatch d = {.push = push,
                       .push_size = push_size,
                       .n_bind = n->n_in + 1,
                       .trips = (uint64_t)rows.chunks * (uint64_t)passes};
    char name[VENN_KERNEL_NAME];
    venn_rows_dispatch(&rows, stem, name, &d);
    for (int i = 0; i < n->n_in; i++)
        d.bind[i] = (venn_bind){n->in[i], VENN_READ};
    d.bind[n->n_in] = (venn_bind){n->out[0], VENN_WRITE};
    venn_groups_linear(r, count, rows.group / rows.lanes, d.groups);
    venn_record_dispatch(r, &d);
}

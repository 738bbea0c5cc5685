// From graph to program: dead nodes go, lifetimes decide memory, everything is recorded once.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "graph/flat.h"
#include "graph/fuse.h"
#include "graph/join.h"
#include "graph/plan.h"
#include "graph/program_internal.h"

typedef struct compiler {
    venn_graph *g;
    venn_program *program;
    const venn_profile *profile;
    venn_recorder recorder;
    venn_node **live; // live nodes in order
    uint32_t n_live;
    venn_flat flat;        // live nodes that one launch does
    venn_plan_item *items; // one per planned value
    const venn_value **planned;
    uint32_t n_planned;
    uint32_t n_ids; // ids run from 0 to n_ids - 1, workspaces included
} compiler;

// ---- Which nodes ------------------------------------------------------------------------------

static bool is_needed(const venn_node *n, const bool *wanted)
{
    bool needed = venn_node_updates(n) != 0;
    for (int o = 0; o < n->n_out; o++)
        needed |= wanted[n->out[o]->id];
    return needed;
}

static venn_status find_live(compiler *c)
{
    venn_graph *g = c->g;
    bool *wanted = venn_alloc(g->n_values + 1, sizeof *wanted);
    bool *keep = venn_alloc(g->n_nodes, sizeof *keep);
    c->live = venn_alloc(g->n_nodes, sizeof(venn_node *));
    venn_status status = wanted && keep && c->live ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        for (uint32_t i = 0; i < g->n_outputs; i++)
            wanted[g->outputs[i].value->id] = true;
        for (uint32_t k = g->n_nodes; k-- > 0;) {
            const venn_node *n = g->nodes[k];
            keep[k] = is_needed(n, wanted);
            for (int i = 0; keep[k] && i < n->n_in; i++)
                if (n->in[i])
                    wanted[n->in[i]->id] = true;
        }
        for (uint32_t k = 0; k < g->n_nodes; k++)
            if (keep[k])
                c->live[c->n_live++] = g->nodes[k];
    }
    free(wanted);
    free(keep);
    return status;
}

static venn_status check_devices(const compiler *c)
{
    for (uint32_t i = 0; i < c->g->n_values; i++) {
        const venn_var *var = c->g->values[i]->var;
        if (var && var->device != c->program->device)
            return venn_fail(VENN_BAD_ARG, "variable %s belongs to another device than the program",
                             var->name);
    }
    return VENN_OK;
}

// ---- Memory -----------------------------------------------------------------------------------

static venn_status add_workspaces(compiler *c)
{
    for (uint32_t k = 0; k < c->n_live; k++) {
        venn_node *n = c->live[k];
        uint64_t bytes = n->op->workspace ? n->op->workspace(c->profile, n) : 0;
        n->workspace = NULL;
        if (!bytes)
            continue;
        venn_value *value = venn_arena_alloc(&c->program->arena, sizeof *value);
        if (!value)
            return VENN_NO_MEMORY;
        int64_t count = (int64_t)((bytes + 3) / 4);
        *value = (venn_value){.id = c->n_ids++,
                              .dtype = VENN_F32,
                              .count = count,
                              .shape = venn_shape_make(&count, 1),
                              .name = "workspace"};
        n->workspace = value;
    }
    return VENN_OK;
}

static void plan_value(compiler *c, uint32_t *slot_of, const venn_value *value, uint32_t step)
{
    const venn_value *root = venn_value_root(value);
    if (root->var || root->is_input)
        return;
    uint32_t *slot = &slot_of[root->id];
    if (*slot == 0) {
        c->planned[c->n_planned] = root;
        c->items[c->n_planned] = (venn_plan_item){venn_value_bytes(root), step, step, 0, false};
        *slot = ++c->n_planned;
    }
    c->items[*slot - 1].last = step;
}

static venn_status plan_lifetimes(compiler *c)
{
    uint32_t *slot_of = venn_alloc(c->n_ids, sizeof *slot_of);
    c->items = venn_alloc(c->n_ids, sizeof *c->items);
    c->planned = venn_alloc(c->n_ids, sizeof(venn_value *));
    if (!slot_of || !c->items || !c->planned) {
        free(slot_of);
        return VENN_NO_MEMORY;
    }
    for (uint32_t k = 0; k < c->n_live; k++) {
        const venn_node *n = c->live[k];
        for (int i = 0; i < n->n_in; i++)
            if (n->in[i])
                plan_value(c, slot_of, n->in[i], k);
        for (int o = 0; o < n->n_out; o++)
            plan_value(c, slot_of, n->out[o], k);
        if (n->workspace)
            plan_value(c, slot_of, n->workspace, k);
    }
    for (uint32_t i = 0; i < c->g->n_outputs; i++)
        plan_value(c, slot_of, c->g->outputs[i].value, c->n_live);
    free(slot_of);
    return VENN_OK;
}

// Guard words stand between values, so nothing lies side by side there.
static venn_status find_flat(compiler *c)
{
    if (c->program->guard)
        return VENN_OK;
    return venn_flat_find(&c->flat, c->live, c->n_live, c->profile,
                          venn_device_limits(c->program->device)->alignment, c->g->n_values,
                          &c->n_ids);
}

static uint32_t planned_index(const compiler *c, const venn_value *value)
{
    uint32_t i = 0;
    while (c->planned[i] != venn_value_root(value))
        i++;
    return i;
}

// What runs read lies at the beginning of the planned memory, one run after the other.
static void fix_flat(compiler *c, uint64_t alignment)
{
    uint64_t start = 0;
    for (uint32_t i = 0; i < c->flat.n; i++) {
        const venn_flat_run *run = &c->flat.runs[i];
        for (int k = 0; k < run->node.op->flat; k++) {
            if (!run->node.in[k] || run->node.in[k]->var)
                continue;
            for (uint32_t at = run->first; at < run->first + run->n; at++) {
                venn_plan_item *item = &c->items[planned_index(c, c->live[at]->in[k])];
                item->offset = start + venn_flat_offset(run, c->live[at]);
                item->fixed = true;
            }
            start += (run->bytes + alignment - 1) / alignment * alignment;
        }
    }
}

static void bind_flat(compiler *c)
{
    for (uint32_t i = 0; i < c->flat.n; i++) {
        const venn_flat_run *run = &c->flat.runs[i];
        const venn_node *first = c->live[run->first];
        for (int k = 0; k < first->op->flat; k++)
            if (first->in[k])
                c->recorder.memory[run->whole[k].id] =
                    venn_memory_part(c->recorder.memory[venn_value_root(first->in[k])->id], 0,
                                     (run->bytes + 15) & ~(uint64_t)15);
    }
}

static venn_status place_values(compiler *c)
{
    venn_program *p = c->program;
    const uint64_t alignment = venn_device_limits(p->device)->alignment;
    for (uint32_t i = 0; i < c->n_planned; i++) {
        if (p->guard)
            c->items[i].size = ((c->items[i].size + 15) & ~(uint64_t)15) + alignment;
        if (p->keep_all) {
            c->items[i].first = 0;
            c->items[i].last = c->n_live;
        }
    }
    fix_flat(c, alignment);
    venn_plan_result plan;
    VENN_TRY(venn_plan(c->items, c->n_planned, alignment, &plan));
    p->info.transient_bytes = plan.peak;
    p->info.transient_lower = plan.lower;
    p->info.transient_naive = plan.naive;
    VENN_TRY(venn_memory_alloc(p->device, VENN_MEMORY_DEVICE, plan.peak, p->name, &p->transient));
    for (uint32_t i = 0; i < c->n_planned; i++) {
        // Bind whole groups of 16 bytes: kernels may touch the padding of the last one.
        uint64_t bytes = (venn_value_bytes(c->planned[i]) + 15) & ~(uint64_t)15;
        // Guard words must be within reach: drivers drop writes past the end of a binding.
        if (p->guard)
            bytes = c->items[i].size;
        c->recorder.memory[c->planned[i]->id] =
            venn_memory_part(p->transient, c->items[i].offset, bytes ? bytes : 16);
    }
    bind_flat(c);
    return VENN_OK;
}

static program_value describe_value(compiler *c, const venn_value *value, const char *name)
{
    program_value v = {.dtype = value->dtype,
                       .shape = value->shape,
                       .bytes = venn_value_bytes(value),
                       .memory = c->recorder.memory[venn_value_root(value)->id]};
    if (name)
        v.name = venn_arena_strdup(&c->program->arena, name);
    return v;
}

static venn_status place_inputs(compiler *c)
{
    venn_program *p = c->program;
    venn_graph *g = c->g;
    const uint64_t alignment = venn_device_limits(p->device)->alignment;
    p->inputs = venn_arena_alloc(&p->arena, (g->n_values + 1) * sizeof *p->inputs);
    if (!p->inputs)
        return VENN_NO_MEMORY;
    uint64_t size = 0;
    for (uint32_t i = 0; i < g->n_values; i++)
        if (g->values[i]->is_input)
            size += (venn_value_bytes(g->values[i]) + alignment - 1) / alignment * alignment;
    VENN_TRY(venn_memory_alloc(p->device, VENN_MEMORY_DEVICE, size, p->name, &p->input_memory));
    p->info.input_bytes = size;
    uint64_t offset = 0;
    for (uint32_t i = 0; i < g->n_values; i++) {
        const venn_value *value = g->values[i];
        if (value->var) {
            c->recorder.memory[value->id] = value->var->memory;
            continue;
        }
        if (!value->is_input)
            continue;
        uint64_t bytes = (venn_value_bytes(value) + alignment - 1) / alignment * alignment;
        // An empty input still needs something that can be bound.
        c->recorder.memory[value->id] =
            bytes ? venn_memory_part(p->input_memory, offset, bytes) : p->input_memory;
        p->inputs[p->n_inputs] = describe_value(c, value, value->name);
        p->inputs[p->n_inputs++].staging = offset;
        offset += bytes;
    }
    return VENN_OK;
}

static venn_status place_outputs(compiler *c)
{
    venn_program *p = c->program;
    venn_graph *g = c->g;
    p->outputs = venn_arena_alloc(&p->arena, (g->n_outputs + 1) * sizeof *p->outputs);
    if (!p->outputs)
        return VENN_NO_MEMORY;
    for (uint32_t i = 0; i < g->n_outputs; i++) {
        p->outputs[i] = describe_value(c, g->outputs[i].value, g->outputs[i].name);
        p->outputs[i].staging = p->info.output_bytes;
        p->info.output_bytes += (p->outputs[i].bytes + 63) / 64 * 64;
    }
    p->n_outputs = g->n_outputs;
    return VENN_OK;
}

// ---- Recording --------------------------------------------------------------------------------

static void describe_node(compiler *c, const venn_node *n, program_node *out, uint32_t dispatches)
{
    venn_arena *arena = &c->program->arena;
    out->op = n->op->name;
    out->phase = n->phase ? venn_arena_strdup(arena, n->phase) : "";
    out->n_out = (uint32_t)n->n_out;
    out->dispatches = dispatches;
    for (int o = 0; o < n->n_out; o++) {
        char text[160];
        snprintf(text, sizeof text, "%s#%u%s%.*d", n->op->name, n->index, o ? "." : "", o ? 1 : 0,
                 o);
        out->out[o] = describe_value(c, n->out[o], n->out[o]->name ? n->out[o]->name : text);
    }
    if (n->workspace)
        out->workspace = describe_value(c, n->workspace, n->workspace->name);
    out->name = n->n_out ? out->out[0].name : venn_arena_strdup(arena, n->op->name);
}

static void cost_nodes(compiler *c)
{
    venn_program *p = c->program;
    for (uint32_t k = 0; k < c->n_live; k++) {
        const venn_node *n = c->live[k];
        venn_cost cost = {0};
        if (n->op->cost)
            n->op->cost(n, &cost);
        p->info.flops += p->nodes[k].flops = cost.flops;
        p->nodes[k].bytes = cost.bytes;
    }
    p->n_nodes = p->info.nodes = c->n_live;
}

// How much a part holds: milliseconds of a large GPU, a tenth of a second of a very small one. More parts
// than this makes would only cost barriers.
static double part_cost(const venn_program *p)
{
    const double smallest = 1e9;
    double whole = 0;
    for (uint32_t k = 0; k < p->n_nodes; k++)
        whole += venn_program_node_cost(&p->nodes[k]);
    return fmax(smallest, 1.01 * whole / (PROGRAM_MAX_PARTS - 1));
}

static uint32_t part_length(const venn_program *p, uint32_t first, double room)
{
    double sum = 0;
    uint32_t n = 0;
    while (first + n < p->n_nodes && (n == 0 || sum < room))
        sum += venn_program_node_cost(&p->nodes[first + n++]);
    return n;
}

static venn_status record_part(compiler *c, program_part *part)
{
    venn_program *p = c->program;
    venn_recorder *r = &c->recorder;
    VENN_TRY(
        venn_commands_create(p->device, p->name, p->timestamps ? part->n + 1 : 0, &part->list));
    r->list = part->list;
    r->n_touched = 0;
    venn_commands_barrier(r->list); // behind what comes before
    venn_commands_timestamp(r->list, 0);
    for (uint32_t k = 0; k < part->n; k++) {
        const venn_node *n = c->live[part->first + k];
        const venn_flat_run *run = venn_flat_at(&c->flat, part->first + k);
        uint32_t before = p->info.dispatches;
        if (!run || run->first == part->first + k)
            venn_recorder_node(r, run ? &run->node : n);
        VENN_TRY(r->status);
        venn_commands_timestamp(r->list, k + 1);
        describe_node(c, n, &p->nodes[part->first + k], p->info.dispatches - before);
    }
    return venn_commands_end(r->list);
}

static venn_status record_nodes(compiler *c)
{
    venn_program *p = c->program;
    p->nodes = venn_arena_alloc(&p->arena, (c->n_live + 1) * sizeof *p->nodes);
    p->parts = venn_arena_alloc(&p->arena, PROGRAM_MAX_PARTS * sizeof *p->parts);
    if (!p->nodes || !p->parts)
        return VENN_NO_MEMORY;
    cost_nodes(c);
    venn_recorder_prepare(&c->recorder, c->live, c->n_live);
    const double room = part_cost(p);
    uint32_t first = 0;
    do {
        program_part *part = &p->parts[p->n_parts++];
        *part = (program_part){.first = first, .n = part_length(p, first, room)};
        VENN_TRY(record_part(c, part));
        first += part->n;
    } while (first < c->n_live && p->n_parts < PROGRAM_MAX_PARTS);
    return VENN_OK;
}

static venn_status make_slot(venn_program *p, program_slot *slot, bool poison)
{
    VENN_TRY(venn_memory_alloc(p->device, VENN_MEMORY_UPLOAD, p->info.input_bytes, p->name,
                               &slot->upload));
    VENN_TRY(venn_memory_alloc(p->device, VENN_MEMORY_READBACK, p->info.output_bytes, p->name,
                               &slot->readback));
    memset(slot->upload.host, 0, slot->upload.size);
    VENN_TRY(venn_commands_create(p->device, "upload", 1, &slot->before));
    venn_commands_barrier(slot->before);
    venn_commands_timestamp(slot->before, 0);
    venn_commands_copy(slot->before, p->input_memory, slot->upload, p->info.input_bytes);
    if (poison)
        venn_commands_fill(slot->before, p->transient, VENN_POISON);
    VENN_TRY(venn_commands_end(slot->before));
    VENN_TRY(venn_commands_create(p->device, "download", 1, &slot->after));
    venn_commands_barrier(slot->after);
    for (uint32_t i = 0; i < p->n_outputs; i++)
        venn_commands_copy(
            slot->after,
            venn_memory_part(slot->readback, p->outputs[i].staging, p->outputs[i].bytes),
            p->outputs[i].memory, p->outputs[i].bytes);
    venn_commands_timestamp(slot->after, 0);
    return venn_commands_end(slot->after);
}

// Values that are to be looked at afterwards must be there.
static venn_status fuse(compiler *c, venn_compile_params params)
{
    const char *given = getenv("VENN_FUSE");
    if (params.fuse == VENN_FUSE_AUTO && given && *given && strcmp(given, "auto") != 0) {
        if (strcmp(given, "on") != 0 && strcmp(given, "off") != 0)
            return venn_fail(VENN_BAD_ARG, "VENN_FUSE is \"%s\", not on, off or auto", given);
        params.fuse = strcmp(given, "on") == 0 ? VENN_FUSE_ON : VENN_FUSE_OFF;
    }
    if (params.fuse == VENN_FUSE_OFF || params.keep_all)
        return VENN_OK;
    VENN_TRY(venn_join(c->g, c->profile, &c->program->arena, c->live, &c->n_live,
                       &c->program->info.fused));
    if (c->program->guard)
        return VENN_OK;
    return venn_fuse(c->g, c->recorder.kernels, &params, &c->program->arena, c->live, &c->n_live,
                     &c->program->info.fused);
}

static venn_status compile(compiler *c, const venn_compile_params *params)
{
    venn_program *p = c->program;
    venn_kernels *kernels;
    VENN_TRY(venn_kernels_of(p->device, &kernels));
    c->profile = venn_kernels_profile(kernels);
    c->recorder = (venn_recorder){.program = p, .kernels = kernels};
    VENN_TRY(check_devices(c));
    VENN_TRY(find_live(c));
    VENN_TRY(fuse(c, *params));
    VENN_TRY(add_workspaces(c));
    VENN_TRY(find_flat(c));
    c->recorder.memory = venn_alloc(c->n_ids, sizeof(venn_memory));
    if (!c->recorder.memory)
        return VENN_NO_MEMORY;
    VENN_TRY(plan_lifetimes(c));
    VENN_TRY(place_inputs(c));
    VENN_TRY(place_values(c));
    VENN_TRY(place_outputs(c));
    VENN_TRY(record_nodes(c));
    p->n_slots = params->slots ? params->slots : 3;
    p->slots = venn_arena_alloc(&p->arena, p->n_slots * sizeof *p->slots);
    if (!p->slots)
        return VENN_NO_MEMORY;
    for (uint32_t i = 0; i < p->n_slots; i++)
        VENN_TRY(make_slot(p, &p->slots[i], params->poison || p->guard));
    p->info.submissions = 1;
    return VENN_OK;
}

venn_status venn_graph_compile(venn_program **out, venn_graph *g, venn_device *device,
                               const venn_compile_params *params)
{
    static const venn_compile_params defaults;
    *out = NULL;
    if (g->status < 0)
        return venn_fail(g->status, "%s", venn_graph_error(g));
    if (!params)
        params = &defaults;
    venn_program *p = VENN_NEW(venn_program);
    if (!p)
        return VENN_NO_MEMORY;
    *p = (venn_program){.device = device,
                        .name = venn_strdup(params->name ? params->name : "program"),
                        .keep_all = params->keep_all || params->guard,
                        .guard = params->guard,
                        .timestamps = params->timestamps};
    const uint64_t start = venn_clock_ns();
    compiler c = {.g = g, .program = p, .n_ids = g->n_values + 1};
    venn_status status = p->name ? compile(&c, params) : VENN_NO_MEMORY;
    for (uint32_t k = 0; k < c.n_live; k++)
        c.live[k]->workspace = NULL;
    venn_recorder_finish(&c.recorder);
    venn_flat_finish(&c.flat);
    free(c.live);
    free(c.items);
    free(c.planned);
    if (status < 0) {
        venn_program_destroy(&p);
        return status;
    }
    p->info.compile_us = (double)(venn_clock_ns() - start) * 1e-3;
    *out = p;
    return VENN_OK;
}

// Running a compiled program: slots, staging, one submission per run; and looking into it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>

#include "graph/program_internal.h"

void venn_program_destroy(venn_program **handle)
{
    venn_program *p = *handle;
    if (!p)
        return;
    venn_queue_wait(p->device, p->last_ticket);
    for (uint32_t i = 0; p->slots && i < p->n_slots; i++) {
        venn_commands_destroy(&p->slots[i].before);
        venn_commands_destroy(&p->slots[i].after);
        venn_memory_free(p->device, &p->slots[i].upload);
        venn_memory_free(p->device, &p->slots[i].readback);
    }
    for (uint32_t i = 0; i < p->n_parts; i++)
        venn_commands_destroy(&p->parts[i].list);
    venn_memory_free(p->device, &p->input_memory);
    venn_memory_free(p->device, &p->transient);
    venn_arena_finish(&p->arena);
    free(p->name);
    free(p);
    *handle = NULL;
}

void venn_program_get_info(const venn_program *program, venn_program_info *info)
{
    *info = program->info;
}

static program_value *find_value(program_value *values, uint32_t n, const char *name)
{
    for (uint32_t i = 0; i < n; i++)
        if (strcmp(values[i].name, name) == 0)
            return &values[i];
    return NULL;
}

venn_status venn_program_begin(venn_program *p)
{
    if (p->begun)
        return VENN_OK;
    uint32_t next = (p->slot + 1) % p->n_slots;
    VENN_TRY(venn_queue_wait(p->device, p->slots[next].ticket));
    p->slot = next;
    p->begun = true;
    return VENN_OK;
}

void *venn_program_input(venn_program *p, const char *name, size_t *bytes)
{
    const program_value *value = find_value(p->inputs, p->n_inputs, name);
    if (!value || !p->begun)
        return NULL;
    if (bytes)
        *bytes = value->bytes;
    return p->slots[p->slot].upload.host + value->staging;
}

void venn_program_set_rng(venn_program *p, uint64_t key, uint64_t step)
{
    uint32_t *state = venn_program_input(p, VENN_RNG_INPUT, NULL);
    if (!state)
        return;
    state[0] = (uint32_t)key;
    state[1] = (uint32_t)(key >> 32);
    state[2] = (uint32_t)step;
    state[3] = (uint32_t)(step >> 32);
}

venn_status venn_program_wait(venn_program *p, uint64_t ticket)
{
    return venn_queue_wait(p->device, ticket);
}

venn_status venn_program_run(venn_program *p, uint64_t *ticket)
{
    uint64_t own;
    VENN_TRY(venn_program_submit(p, &own));
    if (ticket)
        *ticket = own;
    return venn_program_wait(p, own);
}

static program_slot *slot_of(venn_program *p, uint64_t ticket)
{
    for (uint32_t i = 0; ticket && i < p->n_slots; i++)
        if (p->slots[i].ticket == ticket)
            return &p->slots[i];
    return NULL;
}

const void *venn_program_output(venn_program *p, uint64_t ticket, const char *name, size_t *bytes)
{
    const program_value *value = find_value(p->outputs, p->n_outputs, name);
    program_slot *slot = slot_of(p, ticket);
    if (!value || !slot)
        return NULL;
    if (bytes)
        *bytes = value->bytes;
    return slot->readback.host + value->staging;
}

double venn_program_device_time(venn_program *p, uint64_t ticket)
{
    program_slot *slot = slot_of(p, ticket);
    uint64_t start, end;
    if (!slot || !venn_commands_times(slot->before, &start, 1) ||
        !venn_commands_times(slot->after, &end, 1) || end < start)
        return 0;
    return (double)(end - start) * 1e-3;
}

uint64_t venn_program_began(venn_program *p)
{
    const program_slot *slot = slot_of(p, p->last_ticket);
    uint64_t start, device_now, host_now;
    if (!slot || venn_queue_wait(p->device, p->last_ticket) < 0 ||
        !venn_commands_times(slot->before, &start, 1) ||
        !venn_device_clocks(p->device, &device_now, &host_now) || device_now < start)
        return 0;
    return host_now - (device_now - start);
}

// ns: of every node, when it began, and when the last one ended.
static void each_time(const venn_program *p, uint64_t start, const uint64_t *ns, uint64_t end,
                      venn_node_time_fn fn, void *user)
{
    venn_node_time t = {"transfers", "upload", "inputs", 0, (double)(ns[0] - start) * 1e-3, 0, 0};
    fn(user, &t);
    for (uint32_t k = 0; k < p->n_nodes; k++) {
        const program_node *node = &p->nodes[k];
        t = (venn_node_time){node->phase,
                             node->op,
                             node->name,
                             (double)(ns[k] - start) * 1e-3,
                             (double)(ns[k + 1] - ns[k]) * 1e-3,
                             node->flops,
                             node->bytes};
        fn(user, &t);
    }
    const uint64_t last = ns[p->n_nodes];
    t = (venn_node_time){"transfers",
                         "download",
                         "outputs",
                         (double)(last - start) * 1e-3,
                         (double)(end - last) * 1e-3,
                         0,
                         0};
    fn(user, &t);
}

// When the first node began and when each ended. A part begins where the one before ended: what lies
// between two submissions counts as their second node's.
static bool read_times(const venn_program *p, uint64_t *ns)
{
    for (uint32_t i = 0; i < p->n_parts; i++) {
        const program_part *part = &p->parts[i];
        const uint64_t before = ns[part->first];
        if (!venn_commands_times(part->list, ns + part->first, part->n + 1))
            return false;
        if (i)
            ns[part->first] = before;
    }
    return true;
}

venn_status venn_program_node_times(venn_program *p, venn_node_time_fn fn, void *user)
{
    if (!p->timestamps)
        return venn_fail(VENN_BAD_ARG, "%s was compiled without timestamps", p->name);
    VENN_TRY(venn_queue_wait(p->device, p->last_ticket));
    uint64_t *ns = venn_alloc(p->n_nodes + 1, sizeof *ns);
    if (!ns)
        return VENN_NO_MEMORY;
    const program_slot *slot = slot_of(p, p->last_ticket);
    uint64_t start, end;
    bool there = read_times(p, ns) && slot && venn_commands_times(slot->before, &start, 1) &&
                 venn_commands_times(slot->after, &end, 1);
    if (there)
        each_time(p, start, ns, end, fn, user);
    free(ns);
    if (!there)
        return venn_fail(VENN_UNSUPPORTED, "%s has no timestamps of a finished run on this queue",
                         p->name);
    return VENN_OK;
}

// ---- Inspection -------------------------------------------------------------------------------

// 1 if all elements are finite, 0 if not, negative on failure.
static int all_finite(venn_program *p, const program_value *value)
{
    if (!venn_dtype_is_float(value->dtype) || value->bytes == 0)
        return 1;
    void *data = venn_alloc(1, value->bytes);
    if (!data)
        return VENN_NO_MEMORY;
    venn_status status = venn_memory_read(p->device, value->memory, data, value->bytes);
    int finite = 1;
    const size_t count = value->bytes / venn_dtype_size(value->dtype);
    for (size_t i = 0; status == VENN_OK && finite && i < count; i++)
        finite = isfinite(venn_element_get(data, value->dtype, i));
    free(data);
    return status < 0 ? (int)status : finite != 0;
}

const char *venn_program_first_nonfinite(venn_program *p)
{
    if (!p->keep_all || venn_queue_wait(p->device, p->last_ticket) < 0)
        return NULL;
    for (uint32_t i = 0; i < p->n_inputs; i++)
        if (all_finite(p, &p->inputs[i]) == 0)
            return p->inputs[i].name;
    for (uint32_t k = 0; k < p->n_nodes; k++)
        for (uint32_t o = 0; o < p->nodes[k].n_out; o++)
            if (all_finite(p, &p->nodes[k].out[o]) == 0)
                return p->nodes[k].out[o].name;
    return NULL;
}

static bool in_transient(const venn_program *p, const venn_memory *memory)
{
    return memory->block == p->transient.block && memory->offset >= p->transient.offset &&
           memory->offset < p->transient.offset + p->transient.size;
}

// `image`: the whole transient memory, or NULL to read the guard alone.
static venn_status check_guard(venn_program *p, const uint8_t *image, const char *op,
                               const program_value *value)
{
    const uint64_t start = (value->bytes + 15) & ~(uint64_t)15;
    const uint64_t size = venn_device_limits(p->device)->alignment;
    uint32_t words[1024];
    // An alias of an input or variable has no guard of its own.
    if (!in_transient(p, &value->memory))
        return VENN_OK;
    const uint64_t bytes = size < sizeof words ? size : sizeof words;
    const venn_memory guard = venn_memory_part(value->memory, start, bytes);
    if (image)
        memcpy(words, image + (guard.offset - p->transient.offset), bytes);
    else
        VENN_TRY(venn_memory_read(p->device, guard, words, bytes));
    for (uint64_t i = 0; i < bytes / 4; i++)
        if (words[i] != VENN_POISON)
            return venn_fail(VENN_BAD_ARG, "%s wrote %llu bytes past the end of %s", op,
                             (unsigned long long)(4 * i + 4), value->name);
    return VENN_OK;
}

static venn_status check_all_guards(venn_program *p, const uint8_t *image)
{
    for (uint32_t k = 0; k < p->n_nodes; k++) {
        const program_node *node = &p->nodes[k];
        for (uint32_t o = 0; o < node->n_out; o++)
            VENN_TRY(check_guard(p, image, node->op, &node->out[o]));
        if (node->workspace.name)
            VENN_TRY(check_guard(p, image, node->op, &node->workspace));
    }
    return VENN_OK;
}

venn_status venn_program_check_guards(venn_program *p)
{
    // A small program is read at once: a transfer costs far more than its bytes.
    const uint64_t at_once = (uint64_t)64 << 20;
    if (!p->guard)
        return venn_fail(VENN_BAD_ARG, "%s was compiled without guard words", p->name);
    VENN_TRY(venn_queue_wait(p->device, p->last_ticket));
    if (p->transient.size > at_once)
        return check_all_guards(p, NULL);
    uint8_t *image = venn_alloc(1, p->transient.size);
    if (!image)
        return VENN_NO_MEMORY;
    venn_status status = venn_memory_read(p->device, p->transient, image, p->transient.size);
    if (status == VENN_OK)
        status = check_all_guards(p, image);
    free(image);
    return status;
}

void venn_program_describe(const venn_program *p, venn_line_fn fn, void *user)
{
    char line[512], shape[VENN_SHAPE_TEXT_MAX];
    for (uint32_t k = 0; k < p->n_nodes; k++) {
        const program_node *node = &p->nodes[k];
        int used =
            snprintf(line, sizeof line, "%4u %-24s %2u dispatches", k, node->op, node->dispatches);
        for (uint32_t o = 0; o < node->n_out && used < (int)sizeof line; o++)
            used += snprintf(line + used, sizeof line - (size_t)used, "  %s %s %llu bytes at %llu",
                             node->out[o].name,
                             venn_shape_text(&node->out[o].shape, shape, sizeof shape),
                             (unsigned long long)node->out[o].bytes,
                             (unsigned long long)node->out[o].memory.offset);
        fn(user, line);
    }
}

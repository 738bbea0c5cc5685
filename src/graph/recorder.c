// The recorder: turns what ops ask for into commands, checks every launch against the device's limits
// and puts a barrier only where an operand was touched since the last one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/program_internal.h"

const venn_profile *venn_recorder_profile(const venn_recorder *r)
{
    return venn_kernels_profile(r->kernels);
}

static void fail(venn_recorder *r, venn_status status)
{
    if (r->status == VENN_OK)
        r->status = status;
}

// ---- Hazards ---------------------------------------------------------------------------------

static bool overlaps(const venn_memory *a, const venn_memory *b)
{
    return a->block == b->block && a->offset < b->offset + b->size &&
           b->offset < a->offset + a->size;
}

static bool is_hazard(const venn_recorder *r, const venn_memory *memory, bool writes)
{
    for (uint32_t i = 0; i < r->n_touched; i++)
        if ((writes || r->touched[i].written) && overlaps(&r->touched[i].memory, memory))
            return true;
    return false;
}

static void touch(venn_recorder *r, const venn_memory *memory, bool writes)
{
    if (r->n_touched == r->max_touched) {
        uint32_t room = r->max_touched ? r->max_touched * 2 : 64;
        void *grown = venn_resize(r->touched, room, sizeof *r->touched);
        if (!grown) {
            fail(r, VENN_NO_MEMORY);
            return;
        }
        r->touched = grown;
        r->max_touched = room;
    }
    r->touched[r->n_touched].memory = *memory;
    r->touched[r->n_touched++].written = writes;
}

static void put_barrier(venn_recorder *r)
{
    venn_commands_barrier(r->list);
    r->program->info.barriers++;
    r->n_touched = 0;
}

static void order(venn_recorder *r, const venn_memory *memory, const venn_access *access, int n)
{
    for (int i = 0; i < n; i++)
        if (memory[i].block && is_hazard(r, &memory[i], access[i] & VENN_WRITE)) {
            put_barrier(r);
            break;
        }
    for (int i = 0; i < n; i++)
        if (memory[i].block)
            touch(r, &memory[i], access[i] & VENN_WRITE);
}

// ---- Commands --------------------------------------------------------------------------------

static venn_memory memory_of(const venn_recorder *r, const venn_value *value)
{
    return value ? r->memory[venn_value_root(value)->id] : (venn_memory){0};
}

static venn_status check_grid(const venn_recorder *r, const venn_dispatch *d)
{
    const venn_profile *p = venn_recorder_profile(r);
    const char *op = r->node->op->name;
    for (int i = 0; i < 3; i++)
        if (d->groups[i] > p->max_groups[i])
            return venn_fail(VENN_UNSUPPORTED, "%s: %u workgroups in dimension %d, %s has %u", op,
                             d->groups[i], i, p->device, p->max_groups[i]);
    // Constant 0 is the workgroup's size.
    if (d->n_spec && d->spec[0] > p->max_workgroup_size)
        return venn_fail(VENN_UNSUPPORTED, "%s: a workgroup of %u invocations, %s has at most %u",
                         op, d->spec[0], p->device, p->max_workgroup_size);
    if (p->loop_limit && d->trips >= p->loop_limit)
        return venn_fail(VENN_UNSUPPORTED,
                         "%s: kernel %s would loop %llu times in one invocation, %s stops after %u",
                         op, d->kernel, (unsigned long long)d->trips, p->device, p->loop_limit);
    return VENN_OK;
}

static venn_status check_operand(const venn_recorder *r, const venn_pipeline *pipeline, int i,
                                 uint64_t bytes)
{
    const venn_profile *p = venn_recorder_profile(r);
    const uint64_t texels = venn_pipeline_texels(pipeline, (uint32_t)i, bytes);
    if (bytes > p->max_storage_range)
        return venn_fail(VENN_UNSUPPORTED,
                         "%s: an operand of %llu bytes, a kernel on %s sees at most %llu: use a "
                         "smaller batch",
                         r->node->op->name, (unsigned long long)bytes, p->device,
                         (unsigned long long)p->max_storage_range);
    if (texels > p->max_texel_elements)
        return venn_fail(VENN_UNSUPPORTED,
                         "%s: an operand of %llu texels, a view on %s has at most %llu: use a "
                         "smaller batch",
                         r->node->op->name, (unsigned long long)texels, p->device,
                         (unsigned long long)p->max_texel_elements);
    return VENN_OK;
}

// What the bindings hold, for the kernel to be specialized to. Integers are no business of it: kernels
// that take them say so.
static uint32_t storages_of(const venn_dispatch *d)
{
    uint32_t storages = 0;
    for (int i = 0; i < d->n_bind; i++) {
        const venn_dtype dtype = d->bind[i].value ? d->bind[i].value->dtype : VENN_F32;
        const venn_storage storage = dtype == VENN_F16    ? VENN_STORAGE_F16
                                     : dtype == VENN_BF16 ? VENN_STORAGE_BF16
                                                          : VENN_STORAGE_F32;
        storages |= (uint32_t)storage << 2 * i;
    }
    return storages;
}

static bool same_request(const venn_kernel_request *a, const venn_kernel_request *b)
{
    return strcmp(a->name, b->name) == 0 && a->n_spec == b->n_spec && a->storages == b->storages &&
           a->push_size == b->push_size && memcmp(a->spec, b->spec, sizeof a->spec) == 0;
}

static void request(venn_recorder *r, const venn_dispatch *d)
{
    venn_kernel_request new = {
        .n_spec = (uint32_t)d->n_spec, .storages = storages_of(d), .push_size = d->push_size};
    snprintf(new.name, sizeof new.name, "%s", d->kernel);
    memcpy(new.spec, d->spec, (size_t)d->n_spec * sizeof *d->spec);
    for (size_t i = 0; i < r->n_requests; i++)
        if (same_request(&r->requests[i], &new))
            return;
    if (r->n_requests == r->max_requests) {
        const size_t room = r->max_requests ? 2 * r->max_requests : 64;
        void *grown = venn_resize(r->requests, room, sizeof *r->requests);
        if (!grown)
            return; // made when it is recorded
        r->requests = grown;
        r->max_requests = room;
    }
    r->requests[r->n_requests++] = new;
}

void venn_record_dispatch(venn_recorder *r, const venn_dispatch *d)
{
    venn_memory memory[VENN_MAX_BINDS];
    venn_access access[VENN_MAX_BINDS];
    const int n_bind = d->n_bind;
    if (r->status < 0 || d->groups[0] == 0 || d->groups[1] == 0 || d->groups[2] == 0)
        return;
    if (r->gathering) {
        request(r, d);
        return;
    }
    for (int i = 0; i < n_bind; i++) {
        memory[i] = memory_of(r, d->bind[i].value);
        access[i] = d->bind[i].access;
    }
    fail(r, check_grid(r, d));
    const venn_pipeline *pipeline = NULL;
    const venn_kernel_key key = {d->spec, (uint32_t)d->n_spec, storages_of(d), d->push_size};
    if (r->status == VENN_OK)
        fail(r, venn_kernel_pipeline(r->kernels, d->kernel, &key, &pipeline));
    for (int i = 0; i < n_bind && r->status == VENN_OK; i++)
        fail(r, check_operand(r, pipeline, i, memory[i].size));
    if (r->status < 0)
        return;
    order(r, memory, access, n_bind);
    venn_commands_dispatch(r->list, pipeline, memory, (uint32_t)n_bind, d->push, d->push_size,
                           d->groups);
    r->program->info.dispatches++;
}

void venn_record_fill(venn_recorder *r, const venn_value *dst, uint32_t pattern)
{
    venn_memory memory = memory_of(r, dst);
    uint64_t bytes = (venn_value_bytes(dst) + 3) & ~(uint64_t)3; // commands fill whole words
    if (r->status < 0 || bytes == 0 || r->gathering)
        return;
    order(r, &memory, &(venn_access){VENN_WRITE}, 1);
    venn_commands_fill(r->list, venn_memory_part(memory, 0, bytes), pattern);
}

void venn_record_fill_value(venn_recorder *r, const venn_value *dst, float value)
{
    const float pair[] = {value, value};
    uint32_t word;
    venn_floats_convert(&word, dst->dtype, pair, VENN_F32,
                        sizeof word / venn_dtype_size(dst->dtype));
    venn_record_fill(r, dst, word);
}

void venn_record_copy(venn_recorder *r, const venn_value *dst, uint64_t dst_offset,
                      const venn_value *src, uint64_t src_offset, uint64_t bytes)
{
    if (r->status < 0 || bytes == 0 || r->gathering)
        return;
    if (dst->dtype != src->dtype) {
        fail(r, venn_fail(VENN_UNSUPPORTED, "%s: a copy cannot turn %s into %s", r->node->op->name,
                          venn_dtype_name(src->dtype), venn_dtype_name(dst->dtype)));
        return;
    }
    venn_memory memory[2] = {memory_of(r, dst), memory_of(r, src)};
    order(r, memory, (venn_access[]){VENN_WRITE, VENN_READ}, 2);
    venn_commands_copy(r->list, venn_memory_part(memory[0], dst_offset, bytes),
                       venn_memory_part(memory[1], src_offset, bytes), bytes);
}

void venn_groups_linear(const venn_recorder *r, int64_t count, int64_t per_group,
                        uint32_t groups[3])
{
    const venn_profile *p = venn_recorder_profile(r);
    int64_t n = (count + per_group - 1) / per_group;
    // 65,535 is the least that Vulkan guarantees; asking every device for it keeps grids alike.
    int64_t width = p->max_groups[0] < 65535 ? p->max_groups[0] : 65535;
    groups[0] = (uint32_t)(n < width ? n : width);
    groups[1] = (uint32_t)((n + width - 1) / width);
    groups[2] = 1;
}

// ---- Nodes -----------------------------------------------------------------------------------

void venn_recorder_node(venn_recorder *r, const venn_node *n)
{
    r->node = n;
    if (n->op->alias || !n->op->record || r->status < 0)
        return;
    char label[48];
    snprintf(label, sizeof label, "%s#%u", n->op->name, n->index);
    venn_commands_label(r->list, label);
    n->op->record(r, n);
    venn_commands_label_end(r->list);
}

void venn_recorder_prepare(venn_recorder *r, venn_node *const *nodes, uint32_t n)
{
    r->gathering = true;
    for (uint32_t k = 0; k < n; k++) {
        r->node = nodes[k];
        if (!nodes[k]->op->alias && nodes[k]->op->record)
            nodes[k]->op->record(r, nodes[k]);
    }
    r->gathering = false;
    r->status = VENN_OK;
    venn_kernels_build(r->kernels, r->requests, r->n_requests);
}

void venn_recorder_finish(venn_recorder *r)
{
    free(r->touched);
    free(r->memory);
    free(r->requests);
    *r = (venn_recorder){0};
}

// Device memory: large blocks, each one buffer, handed out in aligned parts (first fit, free parts
// merged). Few allocations keep drivers happy; one buffer per block lets kernels bind any part.
#include <stdlib.h>
#include <sys/mman.h>

#include "vk/vk_internal.h"

static const VkMemoryPropertyFlags wanted[VENN_MEMORY_KINDS][2] = {
    // The second choice is what the specification guarantees to exist.
    [VENN_MEMORY_DEVICE] = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0},
    [VENN_MEMORY_UPLOAD] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                            VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                VK_MEMORY_PROPERTY_HOST_COHERENT_BIT},
    // Reading memory that is not cached on the host is an order of magnitude slower.
    [VENN_MEMORY_READBACK] = {VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                  VK_MEMORY_PROPERTY_HOST_COHERENT_BIT |
                                  VK_MEMORY_PROPERTY_HOST_CACHED_BIT,
                              VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT |
                                  VK_MEMORY_PROPERTY_HOST_COHERENT_BIT},
};

static const char *const kind_name[] = {"device memory", "upload memory", "readback memory"};

static uint32_t find_type(const venn_device *device, uint32_t allowed, venn_memory_kind kind)
{
    const VkPhysicalDeviceMemoryProperties *p = &device->memory_properties;
    for (int choice = 0; choice < 2; choice++)
        for (uint32_t i = 0; i < p->memoryTypeCount; i++)
            if ((allowed >> i & 1) &&
                (p->memoryTypes[i].propertyFlags & wanted[kind][choice]) == wanted[kind][choice])
                return i;
    return UINT32_MAX;
}

static venn_status out_of_memory(const venn_device *device, uint64_t size, const char *what)
{
    return venn_fail(
        VENN_NO_DEVICE_MEMORY,
        "%s needs %llu bytes of device memory more than the %llu in use; %s has %llu: use "
        "a smaller batch or model",
        what, (unsigned long long)size, (unsigned long long)device->stats.in_use, device->info.name,
        (unsigned long long)(device->memory_limit ? device->memory_limit
                                                  : device->info.device_memory));
}

static void destroy_block(venn_device *device, venn_block *block)
{
    if (block->buffer)
        device->vk.vkDestroyBuffer(device->handle, block->buffer, NULL);
    if (block->memory)
        device->vk.vkFreeMemory(device->handle, block->memory, NULL);
    while (block->free) {
        venn_span *next = block->free->next;
        free(block->free);
        block->free = next;
    }
    free(block);
}

// A software device's memory is the process's own: in large pages, kernels that walk down columns need few
// entries of the TLB. A system that gives none changes nothing.
static venn_status ask_for_large_pages(venn_device *device, const venn_block *block, uint32_t type)
{
    const VkMemoryPropertyFlags flags = device->memory_properties.memoryTypes[type].propertyFlags;
    if (device->info.kind != VENN_DEVICE_SOFTWARE || !(flags & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT))
        return VENN_OK;
#ifdef MADV_HUGEPAGE
    enum { PAGE = 2 << 20 };
    void *start = NULL;
    VK(device, vkMapMemory(device->handle, block->memory, 0, VK_WHOLE_SIZE, 0, &start));
    const uintptr_t from = ((uintptr_t)start + PAGE - 1) / PAGE * PAGE;
    const uintptr_t to = ((uintptr_t)start + block->size) / PAGE * PAGE;
    if (from < to)
        (void)madvise((void *)from, to - from, MADV_HUGEPAGE);
    device->vk.vkUnmapMemory(device->handle, block->memory);
#else
    (void)block;
#endif
    return VENN_OK;
}

static venn_status fill_block(venn_device *device, venn_block *block, venn_memory_kind kind)
{
    VkBufferCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                               .size = block->size,
                               .usage = VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                                        VK_BUFFER_USAGE_TRANSFER_DST_BIT};
    if (kind == VENN_MEMORY_DEVICE)
        info.usage |= VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT;
    VK(device, vkCreateBuffer(device->handle, &info, NULL, &block->buffer));
    venn_debug_name(device, VK_OBJECT_TYPE_BUFFER, (uint64_t)block->buffer, kind_name[kind]);
    VkMemoryRequirements needs;
    device->vk.vkGetBufferMemoryRequirements(device->handle, block->buffer, &needs);
    VkMemoryAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                     .allocationSize = needs.size,
                                     .memoryTypeIndex =
                                         find_type(device, needs.memoryTypeBits, kind)};
    if (allocate.memoryTypeIndex == UINT32_MAX)
        return venn_fail(VENN_UNSUPPORTED, "%s has no %s for buffers", device->info.name,
                         kind_name[kind]);
    VK(device, vkAllocateMemory(device->handle, &allocate, NULL, &block->memory));
    VK(device, vkBindBufferMemory(device->handle, block->buffer, block->memory, 0));
    if (kind == VENN_MEMORY_DEVICE)
        VENN_TRY(ask_for_large_pages(device, block, allocate.memoryTypeIndex));
    else
        VK(device,
           vkMapMemory(device->handle, block->memory, 0, VK_WHOLE_SIZE, 0, (void **)&block->host));
    block->free = VENN_NEW(venn_span);
    if (!block->free)
        return VENN_NO_MEMORY;
    block->free->size = block->size;
    return VENN_OK;
}

static venn_status add_block(venn_device *device, venn_memory_kind kind, uint64_t size,
                             const char *what)
{
    const uint64_t shared = kind == VENN_MEMORY_DEVICE ? (uint64_t)64 << 20 : (uint64_t)4 << 20;
    const uint64_t usual = device->buffers_apart ? 0 : shared;
    const uint64_t limit = device->memory_limit ? device->memory_limit : device->info.device_memory;
    if (size > device->limits.max_allocation ||
        (kind == VENN_MEMORY_DEVICE && device->stats.reserved + size > limit))
        return out_of_memory(device, size, what);
    venn_block *block = VENN_NEW(venn_block);
    if (!block)
        return VENN_NO_MEMORY;
    block->size = size > usual ? size : usual;
    if (kind == VENN_MEMORY_DEVICE && device->stats.reserved + block->size > limit)
        block->size = size;
    venn_status status = fill_block(device, block, kind);
    if (status < 0) {
        destroy_block(device, block);
        return status == VENN_NO_DEVICE_MEMORY ? out_of_memory(device, size, what) : status;
    }
    block->next = device->blocks[kind];
    device->blocks[kind] = block;
    if (kind == VENN_MEMORY_DEVICE)
        device->stats.reserved += block->size;
    return VENN_OK;
}

static bool take(venn_block *block, uint64_t size, venn_memory *out)
{
    for (venn_span **link = &block->free; *link; link = &(*link)->next) {
        venn_span *span = *link;
        if (span->size < size)
            continue;
        *out = (venn_memory){block, span->offset, size,
                             block->host ? block->host + span->offset : NULL};
        span->offset += size;
        span->size -= size;
        if (span->size == 0) {
            *link = span->next;
            free(span);
        }
        return true;
    }
    return false;
}

static bool take_any(venn_device *device, venn_memory_kind kind, uint64_t size, venn_memory *out)
{
    for (venn_block *block = device->blocks[kind]; block; block = block->next)
        if (take(block, size, out))
            return true;
    return false;
}

venn_status venn_memory_alloc(venn_device *device, venn_memory_kind kind, uint64_t size,
                              const char *what, venn_memory *out)
{
    const uint64_t step = device->limits.alignment;
    *out = (venn_memory){0};
    if (size > UINT64_MAX / 2)
        return out_of_memory(device, size, what);
    size = size ? (size + step - 1) / step * step : step;
    pthread_mutex_lock(&device->lock);
    venn_status status = VENN_OK;
    if (!take_any(device, kind, size, out)) {
        status = add_block(device, kind, size, what);
        if (status == VENN_OK)
            take_any(device, kind, size, out);
    }
    if (status == VENN_OK && kind == VENN_MEMORY_DEVICE) {
        device->stats.in_use += size;
        if (device->stats.in_use > device->stats.peak)
            device->stats.peak = device->stats.in_use;
    }
    pthread_mutex_unlock(&device->lock);
    return status;
}

// Puts a span back, merging it with its neighbours.
static void give_back(venn_block *block, uint64_t offset, uint64_t size)
{
    venn_span **link = &block->free, *before = NULL;
    while (*link && (*link)->offset < offset) {
        before = *link;
        link = &(*link)->next;
    }
    venn_span *after = *link;
    if (before && before->offset + before->size == offset) {
        before->size += size;
        if (after && before->offset + before->size == after->offset) {
            before->size += after->size;
            before->next = after->next;
            free(after);
        }
        return;
    }
    if (after && offset + size == after->offset) {
        after->offset = offset;
        after->size += size;
        return;
    }
    venn_span *span = VENN_NEW(venn_span);
    if (!span)
        return; // out of host memory: this span stays unused until its block goes
    *span = (venn_span){after, offset, size};
    *link = span;
}

void venn_memory_free(venn_device *device, venn_memory *memory)
{
    if (!memory->block)
        return;
    pthread_mutex_lock(&device->lock);
    give_back(memory->block, memory->offset, memory->size);
    for (venn_block *block = device->blocks[VENN_MEMORY_DEVICE]; block; block = block->next)
        if (block == memory->block)
            device->stats.in_use -= memory->size;
    pthread_mutex_unlock(&device->lock);
    *memory = (venn_memory){0};
}

venn_memory venn_memory_part(venn_memory memory, uint64_t offset, uint64_t size)
{
    return (venn_memory){memory.block, memory.offset + offset, size,
                         memory.host ? memory.host + offset : NULL};
}

void venn_blocks_finish(venn_device *device)
{
    for (int kind = 0; kind < VENN_MEMORY_KINDS; kind++)
        while (device->blocks[kind]) {
            venn_block *next = device->blocks[kind]->next;
            destroy_block(device, device->blocks[kind]);
            device->blocks[kind] = next;
        }
}

void venn_device_memory(const venn_device *device, venn_memory_stats *stats)
{
    pthread_mutex_lock((pthread_mutex_t *)&device->lock);
    *stats = device->stats;
    pthread_mutex_unlock((pthread_mutex_t *)&device->lock);
}

// Recorded command buffers. Descriptor sets and texel views are made while recording, written once and
// owned by the list.
#include <stdlib.h>

#include "vk/vk_internal.h"
#include "vk/command.h"
#include "vk/pipeline.h"

venn_status venn_commands_create(venn_device *device, const char *name, uint32_t timestamps,
                                 venn_commands **out)
{
    *out = NULL;
    venn_commands *c = VENN_NEW(venn_commands);
    if (!c)
        return VENN_NO_MEMORY;
    c->device = device;
    c->trace = device->traces ? VENN_NEW(venn_trace) : NULL;
    venn_status status =
        device->traces && !c->trace ? VENN_NO_MEMORY : venn_commands_open(c, name, timestamps);
    if (status < 0) {
        venn_commands_destroy(&c);
        return status;
    }
    *out = c;
    return VENN_OK;
}

venn_status venn_commands_open(venn_commands *c, const char *name, uint32_t timestamps)
{
    venn_device *device = c->device;
    VkCommandPoolCreateInfo pool = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                    .queueFamilyIndex = device->queue_family};
    VK(device, vkCreateCommandPool(device->handle, &pool, NULL, &c->pool));
    VkCommandBufferAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                            .commandPool = c->pool,
                                            .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                            .commandBufferCount = 1};
    VK(device, vkAllocateCommandBuffers(device->handle, &allocate, &c->handle));
    venn_debug_name(device, VK_OBJECT_TYPE_COMMAND_BUFFER, (uint64_t)c->handle, name);
    if (timestamps && device->timestamp_bits) {
        VkQueryPoolCreateInfo query = {.sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                       .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                       .queryCount = timestamps};
        VK(device, vkCreateQueryPool(device->handle, &query, NULL, &c->queries));
        c->n_queries = timestamps;
    }
    // The next run may be submitted while this one is still pending.
    VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                      .flags = VK_COMMAND_BUFFER_USAGE_SIMULTANEOUS_USE_BIT};
    VK(device, vkBeginCommandBuffer(c->handle, &begin));
    if (c->queries)
        device->vk.vkCmdResetQueryPool(c->handle, c->queries, 0, timestamps);
    return VENN_OK;
}

void venn_commands_destroy(venn_commands **handle)
{
    venn_commands *c = *handle;
    if (!c)
        return;
    venn_device *device = c->device;
    venn_descriptors_finish(c);
    venn_trace_destroy(&c->trace);
    if (c->queries)
        device->vk.vkDestroyQueryPool(device->handle, c->queries, NULL);
    if (c->pool)
        device->vk.vkDestroyCommandPool(device->handle, c->pool, NULL);
    free(c);
    *handle = NULL;
}

void venn_commands_barrier(venn_commands *c)
{
    const VkAccessFlags copies = VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    const VkAccessFlags all = VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | copies;
    const VkPipelineStageFlags stages =
        VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                               .srcAccessMask =
                                   VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT,
                               .dstAccessMask = all};
    c->device->vk.vkCmdPipelineBarrier(c->handle, stages, stages, 0, 1, &barrier, 0, NULL, 0, NULL);
    c->dispatches = 0;
    venn_trace_barrier(c->trace);
}

void venn_commands_copy(venn_commands *c, venn_memory dst, venn_memory src, uint64_t bytes)
{
    VkBufferCopy region = {src.offset, dst.offset, bytes};
    if (bytes == 0)
        return;
    const venn_memory from = venn_memory_part(src, 0, bytes), to = venn_memory_part(dst, 0, bytes);
    venn_trace_command(c->trace);
    venn_trace_access(c->trace, &from, true, false);
    venn_trace_access(c->trace, &to, false, true);
    c->device->vk.vkCmdCopyBuffer(c->handle, src.block->buffer, dst.block->buffer, 1, &region);
}

void venn_commands_fill(venn_commands *c, venn_memory dst, uint32_t pattern)
{
    uint64_t bytes = (dst.size + 3) & ~(uint64_t)3;
    if (bytes == 0)
        return;
    venn_trace_command(c->trace);
    venn_trace_access(c->trace, &dst, false, true);
    c->device->vk.vkCmdFillBuffer(c->handle, dst.block->buffer, dst.offset, bytes, pattern);
}

static void trace_dispatch(const venn_commands *c, const venn_pipeline *pipeline,
                           const venn_memory *bind, uint32_t n_bind)
{
    venn_trace_command(c->trace);
    for (uint32_t i = 0; c->trace && i < VENN_MAX_BINDINGS; i++) {
        const uint32_t bit = (uint32_t)1 << i;
        const bool reads = (pipeline->reads | pipeline->texel4 | pipeline->texel1) & bit;
        const bool writes = pipeline->writes & bit;
        const venn_memory memory = venn_descriptors_operand(c, bind, n_bind, i);
        if (reads || writes)
            venn_trace_access(c->trace, &memory, reads, writes);
    }
}

void venn_commands_dispatch(venn_commands *c, const venn_pipeline *pipeline,
                            const venn_memory *bind, uint32_t n_bind, const void *push,
                            uint32_t push_size, const uint32_t groups[3])
{
    venn_device *device = c->device;
    if (c->status < 0)
        return;
    VkDescriptorSet set;
    if (++c->dispatches == VENN_DUMMIES)
        venn_commands_barrier(c);
    c->status = venn_descriptors_write(c, pipeline, bind, n_bind, &set);
    if (c->status < 0)
        return;
    trace_dispatch(c, pipeline, bind, n_bind);
    if (c->bound != pipeline) {
        device->vk.vkCmdBindPipeline(c->handle, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->handle);
        c->bound = pipeline;
    }
    device->vk.vkCmdBindDescriptorSets(c->handle, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline->layout,
                                       0, 1, &set, 0, NULL);
    if (push_size)
        device->vk.vkCmdPushConstants(c->handle, pipeline->layout, VK_SHADER_STAGE_COMPUTE_BIT, 0,
                                      push_size, push);
    device->vk.vkCmdDispatch(c->handle, groups[0], groups[1], groups[2]);
}

void venn_commands_timestamp(venn_commands *c, uint32_t index)
{
    if (index < c->n_queries)
        c->device->vk.vkCmdWriteTimestamp(c->handle, VK_PIPELINE_STAGE_ALL_COMMANDS_BIT, c->queries,
                                          index);
}

void venn_commands_label(venn_commands *c, const char *name)
{
    venn_trace_name(c->trace, name);
    if (!c->device->instance.debug_utils)
        return;
    VkDebugUtilsLabelEXT label = {.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT,
                                  .pLabelName = name};
    c->device->instance.begin_label(c->handle, &label);
}

void venn_commands_label_end(venn_commands *c)
{
    if (c->device->instance.debug_utils)
        c->device->instance.end_label(c->handle);
}

venn_status venn_commands_end(venn_commands *c)
{
    // What copies wrote to readback memory becomes visible to the host when the ticket is done.
    VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                               .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
                               .dstAccessMask = VK_ACCESS_HOST_READ_BIT};
    c->device->vk.vkCmdPipelineBarrier(c->handle, VK_PIPELINE_STAGE_TRANSFER_BIT,
                                       VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL, 0,
                                       NULL);
    VK(c->device, vkEndCommandBuffer(c->handle));
    if (c->status == VENN_OK && c->trace)
        c->status = venn_trace_check(c->trace);
    venn_trace_destroy(&c->trace);
    return c->status;
}

bool venn_commands_times(venn_commands *c, uint64_t *ns, uint32_t count)
{
    const venn_device *device = c->device;
    if (!c->queries || count > c->n_queries)
        return false;
    VkResult result =
        device->vk.vkGetQueryPoolResults(device->handle, c->queries, 0, count, count * sizeof *ns,
                                         ns, sizeof *ns, VK_QUERY_RESULT_64_BIT);
    if (result != VK_SUCCESS)
        return false;
    for (uint32_t i = 0; i < count; i++)
        ns[i] = venn_device_nanoseconds(device, ns[i]);
    return true;
}

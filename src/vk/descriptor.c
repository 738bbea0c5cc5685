// Descriptor sets and texel views of a recorded list: one set per dispatch, written once.
#include <stdlib.h>

#include "vk/command.h"
#include "vk/pipeline.h"

enum { SETS_PER_POOL = 128 };

static venn_status add_pool(venn_commands *c)
{
    venn_device *device = c->device;
    VkDescriptorPool *grown = venn_resize(c->pools, c->n_pools + 1, sizeof *grown);
    if (!grown)
        return VENN_NO_MEMORY;
    c->pools = grown;
    VkDescriptorPoolSize sizes[] = {
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, SETS_PER_POOL * VENN_MAX_BINDINGS},
        {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, SETS_PER_POOL * VENN_MAX_BINDINGS}};
    VkDescriptorPoolCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                       .maxSets = SETS_PER_POOL,
                                       .poolSizeCount = 2,
                                       .pPoolSizes = sizes};
    VK(device, vkCreateDescriptorPool(device->handle, &info, NULL, &c->pools[c->n_pools]));
    c->n_pools++;
    c->sets_left = SETS_PER_POOL;
    return VENN_OK;
}

// The format of a view of four elements, or of one. No format holds bf16: the shader takes it apart.
static VkFormat view_format(venn_storage storage, bool four)
{
    switch (storage) {
    case VENN_STORAGE_F16:
        return four ? VK_FORMAT_R16G16B16A16_SFLOAT : VK_FORMAT_R16_SFLOAT;
    case VENN_STORAGE_BF16:
        return four ? VK_FORMAT_R32G32_SFLOAT : VK_FORMAT_R32_SFLOAT;
    case VENN_STORAGE_F32:
        break;
    }
    return four ? VK_FORMAT_R32G32B32A32_SFLOAT : VK_FORMAT_R32_SFLOAT;
}

static venn_status add_view(venn_commands *c, venn_memory memory, VkFormat format,
                            VkBufferView *out)
{
    if (c->n_views == c->max_views) {
        uint32_t room = c->max_views ? c->max_views * 2 : 64;
        VkBufferView *grown = venn_resize(c->views, room, sizeof *grown);
        if (!grown)
            return VENN_NO_MEMORY;
        c->views = grown;
        c->max_views = room;
    }
    VkBufferViewCreateInfo info = {.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO,
                                   .buffer = memory.block->buffer,
                                   .format = format,
                                   .offset = memory.offset,
                                   .range = memory.size};
    VK(c->device, vkCreateBufferView(c->device->handle, &info, NULL, out));
    c->views[c->n_views++] = *out;
    return VENN_OK;
}

venn_memory venn_descriptors_operand(const venn_commands *c, const venn_memory *bind,
                                     uint32_t n_bind, uint32_t i)
{
    const uint64_t slot = c->device->limits.alignment;
    return i < n_bind && bind[i].block
               ? bind[i]
               : venn_memory_part(c->device->dummies, slot * c->dispatches, slot);
}

venn_status venn_descriptors_write(venn_commands *c, const venn_pipeline *pipeline,
                                   const venn_memory *bind, uint32_t n_bind, VkDescriptorSet *out)
{
    venn_device *device = c->device;
    if (c->sets_left == 0)
        VENN_TRY(add_pool(c));
    VkDescriptorSetAllocateInfo allocate = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                            .descriptorPool = c->pools[c->n_pools - 1],
                                            .descriptorSetCount = 1,
                                            .pSetLayouts = &pipeline->set_layout};
    VK(device, vkAllocateDescriptorSets(device->handle, &allocate, out));
    c->sets_left--;

    VkWriteDescriptorSet writes[3 * VENN_MAX_BINDINGS];
    VkDescriptorBufferInfo buffers[VENN_MAX_BINDINGS];
    VkBufferView views[2 * VENN_MAX_BINDINGS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < VENN_MAX_BINDINGS; i++) {
        bool used = (pipeline->storage | pipeline->texel4 | pipeline->texel1) >> i & 1;
        if (!used)
            continue;
        const venn_storage storage = venn_storage_of(pipeline->storages, i);
        venn_memory memory = venn_descriptors_operand(c, bind, n_bind, i);
        VkWriteDescriptorSet write = {.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                      .dstSet = *out,
                                      .dstBinding = i,
                                      .descriptorCount = 1,
                                      .descriptorType = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                      .pBufferInfo = &buffers[i]};
        buffers[i] = (VkDescriptorBufferInfo){memory.block->buffer, memory.offset, memory.size};
        if (pipeline->storage >> i & 1)
            writes[n++] = write;
        write.descriptorType = VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER;
        write.pBufferInfo = NULL;
        if (pipeline->texel4 >> i & 1) {
            VENN_TRY(add_view(c, memory, view_format(storage, true), &views[2 * i]));
            write.dstBinding = 16 + i;
            write.pTexelBufferView = &views[2 * i];
            writes[n++] = write;
        }
        if (pipeline->texel1 >> i & 1) {
            VENN_TRY(add_view(c, memory, view_format(storage, false), &views[2 * i + 1]));
            write.dstBinding = 32 + i;
            write.pTexelBufferView = &views[2 * i + 1];
            writes[n++] = write;
        }
    }
    device->vk.vkUpdateDescriptorSets(device->handle, n, writes, 0, NULL);
    return VENN_OK;
}

void venn_descriptors_finish(venn_commands *c)
{
    venn_device *device = c->device;
    for (uint32_t i = 0; i < c->n_views; i++)
        device->vk.vkDestroyBufferView(device->handle, c->views[i], NULL);
    for (uint32_t i = 0; i < c->n_pools; i++)
        device->vk.vkDestroyDescriptorPool(device->handle, c->pools[i], NULL);
    free(c->views);
    free(c->pools);
}

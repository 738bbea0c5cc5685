// A recorded command buffer and what it owns.
#ifndef VENN_VK_COMMAND_H
#define VENN_VK_COMMAND_H

#include "vk/trace.h"

struct venn_commands {
    venn_device *device;
    VkCommandPool pool;
    VkCommandBuffer handle;
    VkQueryPool queries;
    uint32_t n_queries;
    venn_status status; // the first failure while recording
    const venn_pipeline *bound;
    uint32_t dispatches; // since the last barrier, below VENN_DUMMIES
    venn_trace *trace;   // NULL: none is kept

    VkDescriptorPool *pools;
    uint32_t n_pools, sets_left;
    VkBufferView *views;
    uint32_t n_views, max_views;
};

venn_status venn_commands_open(venn_commands *c, const char *name, uint32_t timestamps);

// descriptor.c: allocates and writes the set of one dispatch.
venn_status venn_descriptors_write(venn_commands *c, const venn_pipeline *pipeline,
                                   const venn_memory *bind, uint32_t n_bind, VkDescriptorSet *out);
// What the next dispatch has at binding i: bind[i], or a dummy where that is absent.
venn_memory venn_descriptors_operand(const venn_commands *c, const venn_memory *bind,
                                     uint32_t n_bind, uint32_t i);
void venn_descriptors_finish(venn_commands *c);

#endif

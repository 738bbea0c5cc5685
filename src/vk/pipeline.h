// A compute pipeline as the command recorder sees it.
#ifndef VENN_VK_PIPELINE_H
#define VENN_VK_PIPELINE_H

#include "vk/vk_internal.h"

struct venn_pipeline {
    VkPipeline handle;
    VkPipelineLayout layout;
    VkDescriptorSetLayout set_layout;
    uint32_t storage, texel4, texel1, storages;
    uint32_t reads, writes; // bit i: what the shader says it does to storage buffer i
};

#endif

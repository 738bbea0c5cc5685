// Compute pipelines. The set layout follows from which bindings the shader reads and how: binding i as
// storage buffer, 16 + i as texels of four, 32 + i as single texels, all of the same operand i. What the
// operand holds is specialization constant 16 + i.
#include <stdlib.h>

#include "vk/vk_internal.h"
#include "vk/pipeline.h"

static venn_status create_layout(venn_device *device, const venn_pipeline_desc *desc,
                                 venn_pipeline *pipeline)
{
    VkDescriptorSetLayoutBinding bindings[3 * VENN_MAX_BINDINGS];
    uint32_t n = 0;
    for (uint32_t i = 0; i < VENN_MAX_BINDINGS; i++) {
        const struct {
            uint32_t mask, first;
            VkDescriptorType type;
        } kinds[] = {{desc->storage, 0, VK_DESCRIPTOR_TYPE_STORAGE_BUFFER},
                     {desc->texel4, 16, VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER},
                     {desc->texel1, 32, VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER}};
        for (int k = 0; k < 3; k++)
            if (kinds[k].mask >> i & 1)
                bindings[n++] = (VkDescriptorSetLayoutBinding){
                    .binding = kinds[k].first + i,
                    .descriptorType = kinds[k].type,
                    .descriptorCount = 1,
                    .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT,
                };
    }
    VkDescriptorSetLayoutCreateInfo set = {.sType =
                                               VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                           .bindingCount = n,
                                           .pBindings = bindings};
    VK(device, vkCreateDescriptorSetLayout(device->handle, &set, NULL, &pipeline->set_layout));
    VkPushConstantRange push = {VK_SHADER_STAGE_COMPUTE_BIT, 0, desc->push_size};
    VkPipelineLayoutCreateInfo layout = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO,
                                         .setLayoutCount = 1,
                                         .pSetLayouts = &pipeline->set_layout,
                                         .pushConstantRangeCount = desc->push_size ? 1 : 0,
                                         .pPushConstantRanges = &push};
    VK(device, vkCreatePipelineLayout(device->handle, &layout, NULL, &pipeline->layout));
    return VENN_OK;
}

// The op's own constants, then those of bindings that do not hold f32.
static VkSpecializationInfo specialize(const venn_pipeline_desc *desc, uint32_t *data,
                                       VkSpecializationMapEntry *entries)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < desc->n_spec; i++, n++) {
        data[n] = desc->spec[i];
        entries[n] = (VkSpecializationMapEntry){i, n * 4, 4};
    }
    for (uint32_t i = 0; i < VENN_MAX_BINDINGS; i++)
        if (venn_storage_of(desc->storages, i) != VENN_STORAGE_F32) {
            data[n] = venn_storage_of(desc->storages, i);
            entries[n] = (VkSpecializationMapEntry){VENN_FIRST_STORAGE_CONSTANT + i, n * 4, 4};
            n++;
        }
    return (VkSpecializationInfo){n, entries, n * 4, data};
}

static venn_status create_handle(venn_device *device, const venn_pipeline_desc *desc,
                                 venn_pipeline *pipeline)
{
    VkShaderModuleCreateInfo module_info = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO,
                                            .codeSize = desc->code_size,
                                            .pCode = desc->code};
    VkShaderModule module;
    VK(device, vkCreateShaderModule(device->handle, &module_info, NULL, &module));
    uint32_t data[VENN_FIRST_STORAGE_CONSTANT + VENN_MAX_BINDINGS];
    VkSpecializationMapEntry entries[VENN_FIRST_STORAGE_CONSTANT + VENN_MAX_BINDINGS];
    const VkSpecializationInfo spec = specialize(desc, data, entries);
    // Constant 0 is the workgroup's size, by our own rule (shaders/lib/venn.glsl).
    const uint32_t width = device->info.subgroup_size;
    bool fixed = device->limits.fixed_subgroup && desc->n_spec &&
                 desc->spec[0] <= width * device->limits.max_subgroups;
    VkPipelineShaderStageRequiredSubgroupSizeCreateInfo subgroup = {
        .sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO,
        .requiredSubgroupSize = width};
    VkComputePipelineCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
        .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO,
                  .pNext = fixed ? &subgroup : NULL,
                  .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                  .module = module,
                  .pName = "main",
                  .pSpecializationInfo = &spec},
        .layout = pipeline->layout,
    };
    VkResult result = device->vk.vkCreateComputePipelines(device->handle, VK_NULL_HANDLE, 1, &info,
                                                          NULL, &pipeline->handle);
    device->vk.vkDestroyShaderModule(device->handle, module, NULL);
    if (result < 0)
        return venn_vk_fail(device, result, "vkCreateComputePipelines");
    venn_debug_name(device, VK_OBJECT_TYPE_PIPELINE, (uint64_t)pipeline->handle, desc->name);
    return VENN_OK;
}

venn_status venn_pipeline_create(venn_device *device, const venn_pipeline_desc *desc,
                                 venn_pipeline **out)
{
    venn_pipeline *pipeline = VENN_NEW(venn_pipeline);
    *out = NULL;
    if (!pipeline)
        return VENN_NO_MEMORY;
    pipeline->storage = desc->storage;
    pipeline->texel4 = desc->texel4;
    pipeline->texel1 = desc->texel1;
    pipeline->reads = desc->reads;
    pipeline->writes = desc->writes;
    pipeline->storages = desc->storages;
    venn_status status = create_layout(device, desc, pipeline);
    if (status == VENN_OK)
        status = create_handle(device, desc, pipeline);
    if (status < 0) {
        venn_pipeline_destroy(device, &pipeline);
        return venn_fail_in(status, "kernel %s", desc->name);
    }
    *out = pipeline;
    return VENN_OK;
}

uint64_t venn_pipeline_texels(const venn_pipeline *pipeline, uint32_t binding, uint64_t bytes)
{
    // Views of f16 convert element by element; those of bf16 show words (descriptor.c).
    const bool f16 = venn_storage_of(pipeline->storages, binding) == VENN_STORAGE_F16;
    const bool bf16 = venn_storage_of(pipeline->storages, binding) == VENN_STORAGE_BF16;
    if (pipeline->texel1 >> binding & 1)
        return bytes / (f16 ? 2 : 4);
    return pipeline->texel4 >> binding & 1 ? bytes / (f16 || bf16 ? 8 : 16) : 0;
}

void venn_pipeline_destroy(venn_device *device, venn_pipeline **handle)
{
    venn_pipeline *pipeline = *handle;
    if (!pipeline)
        return;
    device->vk.vkDestroyPipeline(device->handle, pipeline->handle, NULL);
    device->vk.vkDestroyPipelineLayout(device->handle, pipeline->layout, NULL);
    device->vk.vkDestroyDescriptorSetLayout(device->handle, pipeline->set_layout, NULL);
    free(pipeline);
    *handle = NULL;
}

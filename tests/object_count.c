#include <stdatomic.h>

#include "object_count.h"
#include "vk/vk_internal.h"

static struct {
    venn_device *device;
    struct VolkDeviceTable real;
    atomic_int_least64_t live[OBJECT_KINDS];
} counted;

// X(what makes it, what destroys it, handle, what it is made by); pipelines, which have a function of their own
// kind, come last.
#define KINDS(X)                                                                                   \
    X(vkAllocateMemory, vkFreeMemory, VkDeviceMemory, VkMemoryAllocateInfo)                        \
    X(vkCreateBuffer, vkDestroyBuffer, VkBuffer, VkBufferCreateInfo)                               \
    X(vkCreateBufferView, vkDestroyBufferView, VkBufferView, VkBufferViewCreateInfo)               \
    X(vkCreateShaderModule, vkDestroyShaderModule, VkShaderModule, VkShaderModuleCreateInfo)       \
    X(vkCreateDescriptorSetLayout, vkDestroyDescriptorSetLayout, VkDescriptorSetLayout,            \
      VkDescriptorSetLayoutCreateInfo)                                                             \
    X(vkCreatePipelineLayout, vkDestroyPipelineLayout, VkPipelineLayout,                           \
      VkPipelineLayoutCreateInfo)                                                                  \
    X(vkCreateDescriptorPool, vkDestroyDescriptorPool, VkDescriptorPool,                           \
      VkDescriptorPoolCreateInfo)                                                                  \
    X(vkCreateCommandPool, vkDestroyCommandPool, VkCommandPool, VkCommandPoolCreateInfo)           \
    X(vkCreateQueryPool, vkDestroyQueryPool, VkQueryPool, VkQueryPoolCreateInfo)                   \
    X(vkCreateSemaphore, vkDestroySemaphore, VkSemaphore, VkSemaphoreCreateInfo)

enum {
#define NUMBER(make, destroy, handle, info) kind_##make,
    KINDS(NUMBER) kind_vkCreateComputePipelines
};

const char *const object_kinds[OBJECT_KINDS] = {
#define NAME(make, destroy, handle, info) #make,
    KINDS(NAME) "vkCreateComputePipelines"};

#define DEFINE(make, destroy, handle, info)                                                        \
    static VKAPI_ATTR VkResult VKAPI_CALL counting_##make(                                         \
        VkDevice d, const info *i, const VkAllocationCallbacks *a, handle *o)                      \
    {                                                                                              \
        const VkResult result = counted.real.make(d, i, a, o);                                     \
        atomic_fetch_add(&counted.live[kind_##make], result == VK_SUCCESS);                        \
        return result;                                                                             \
    }                                                                                              \
    static VKAPI_ATTR void VKAPI_CALL counting_##destroy(VkDevice d, handle h,                     \
                                                         const VkAllocationCallbacks *a)           \
    {                                                                                              \
        counted.real.destroy(d, h, a);                                                             \
        atomic_fetch_sub(&counted.live[kind_##make], h != VK_NULL_HANDLE);                         \
    }
KINDS(DEFINE)

static VKAPI_ATTR VkResult VKAPI_CALL counting_vkCreateComputePipelines(
    VkDevice d, VkPipelineCache c, uint32_t n, const VkComputePipelineCreateInfo *i,
    const VkAllocationCallbacks *a, VkPipeline *o)
{
    const VkResult result = counted.real.vkCreateComputePipelines(d, c, n, i, a, o);
    if (result == VK_SUCCESS)
        atomic_fetch_add(&counted.live[kind_vkCreateComputePipelines], n);
    return result;
}

static VKAPI_ATTR void VKAPI_CALL counting_vkDestroyPipeline(VkDevice d, VkPipeline h,
                                                             const VkAllocationCallbacks *a)
{
    counted.real.vkDestroyPipeline(d, h, a);
    atomic_fetch_sub(&counted.live[kind_vkCreateComputePipelines], h != VK_NULL_HANDLE);
}

void object_count_begin(venn_device *device)
{
    counted.device = device;
    counted.real = device->vk;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        atomic_store(&counted.live[kind], 0);
#define PUT(make, destroy, handle, info)                                                           \
    device->vk.make = counting_##make;                                                             \
    device->vk.destroy = counting_##destroy;
    KINDS(PUT)
    device->vk.vkCreateComputePipelines = counting_vkCreateComputePipelines;
    device->vk.vkDestroyPipeline = counting_vkDestroyPipeline;
}

object_count object_count_now(void)
{
    object_count now;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        now.live[kind] = atomic_load(&counted.live[kind]);
    return now;
}

void object_count_end(void)
{
    counted.device->vk = counted.real;
}

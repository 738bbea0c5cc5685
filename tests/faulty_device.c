#include <stdatomic.h>
#include <stdbool.h>

#include "faulty_device.h"
#include "vk/vk_internal.h"

static struct {
    venn_device *device;
    struct VolkDeviceTable real;
    faulty_calls kind;
    uint64_t at;
    atomic_uint_least64_t calls;
} faults;

static bool fails(faulty_calls kind)
{
    if (kind != faults.kind)
        return false;
    const uint64_t call = atomic_fetch_add(&faults.calls, 1) + 1;
    if (!faults.at || (kind == FAULTY_QUEUE ? call < faults.at : call != faults.at))
        return false;
    // Of a lost device nothing runs on.
    if (kind == FAULTY_QUEUE)
        faults.real.vkDeviceWaitIdle(faults.device->handle);
    return true;
}

// X(function, its parameters, its arguments, what it fails with, kind)
#define FUNCTIONS(X)                                                                               \
    X(vkAllocateMemory,                                                                            \
      (VkDevice d, const VkMemoryAllocateInfo *i, const VkAllocationCallbacks *a,                  \
       VkDeviceMemory *o),                                                                         \
      (d, i, a, o), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                 \
    X(vkMapMemory,                                                                                 \
      (VkDevice d, VkDeviceMemory m, VkDeviceSize from, VkDeviceSize size, VkMemoryMapFlags flags, \
       void **o),                                                                                  \
      (d, m, from, size, flags, o), VK_ERROR_MEMORY_MAP_FAILED, FAULTY_OBJECTS)                    \
    X(vkCreateBuffer,                                                                              \
      (VkDevice d, const VkBufferCreateInfo *i, const VkAllocationCallbacks *a, VkBuffer *o),      \
      (d, i, a, o), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                 \
    X(vkBindBufferMemory, (VkDevice d, VkBuffer b, VkDeviceMemory m, VkDeviceSize at),             \
      (d, b, m, at), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                \
    X(vkCreateBufferView,                                                                          \
      (VkDevice d, const VkBufferViewCreateInfo *i, const VkAllocationCallbacks *a,                \
       VkBufferView *o),                                                                           \
      (d, i, a, o), VK_ERROR_OUT_OF_HOST_MEMORY, FAULTY_OBJECTS)                                   \
    X(vkCreateShaderModule,                                                                        \
      (VkDevice d, const VkShaderModuleCreateInfo *i, const VkAllocationCallbacks *a,              \
       VkShaderModule *o),                                                                         \
      (d, i, a, o), VK_ERROR_OUT_OF_HOST_MEMORY, FAULTY_OBJECTS)                                   \
    X(vkCreateDescriptorSetLayout,                                                                 \
      (VkDevice d, const VkDescriptorSetLayoutCreateInfo *i, const VkAllocationCallbacks *a,       \
       VkDescriptorSetLayout *o),                                                                  \
      (d, i, a, o), VK_ERROR_OUT_OF_HOST_MEMORY, FAULTY_OBJECTS)                                   \
    X(vkCreatePipelineLayout,                                                                      \
      (VkDevice d, const VkPipelineLayoutCreateInfo *i, const VkAllocationCallbacks *a,            \
       VkPipelineLayout *o),                                                                       \
      (d, i, a, o), VK_ERROR_OUT_OF_HOST_MEMORY, FAULTY_OBJECTS)                                   \
    X(vkCreateComputePipelines,                                                                    \
      (VkDevice d, VkPipelineCache c, uint32_t n, const VkComputePipelineCreateInfo *i,            \
       const VkAllocationCallbacks *a, VkPipeline *o),                                             \
      (d, c, n, i, a, o), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                           \
    X(vkCreateDescriptorPool,                                                                      \
      (VkDevice d, const VkDescriptorPoolCreateInfo *i, const VkAllocationCallbacks *a,            \
       VkDescriptorPool *o),                                                                       \
      (d, i, a, o), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                 \
    X(vkAllocateDescriptorSets,                                                                    \
      (VkDevice d, const VkDescriptorSetAllocateInfo *i, VkDescriptorSet *o), (d, i, o),           \
      VK_ERROR_OUT_OF_POOL_MEMORY, FAULTY_OBJECTS)                                                 \
    X(vkCreateCommandPool,                                                                         \
      (VkDevice d, const VkCommandPoolCreateInfo *i, const VkAllocationCallbacks *a,               \
       VkCommandPool *o),                                                                          \
      (d, i, a, o), VK_ERROR_OUT_OF_HOST_MEMORY, FAULTY_OBJECTS)                                   \
    X(vkAllocateCommandBuffers,                                                                    \
      (VkDevice d, const VkCommandBufferAllocateInfo *i, VkCommandBuffer *o), (d, i, o),           \
      VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                               \
    X(vkEndCommandBuffer, (VkCommandBuffer b), (b), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS) \
    X(vkCreateQueryPool,                                                                           \
      (VkDevice d, const VkQueryPoolCreateInfo *i, const VkAllocationCallbacks *a,                 \
       VkQueryPool *o),                                                                            \
      (d, i, a, o), VK_ERROR_OUT_OF_DEVICE_MEMORY, FAULTY_OBJECTS)                                 \
    X(vkQueueSubmit, (VkQueue q, uint32_t n, const VkSubmitInfo *s, VkFence f), (q, n, s, f),      \
      VK_ERROR_DEVICE_LOST, FAULTY_QUEUE)                                                          \
    X(vkWaitSemaphores, (VkDevice d, const VkSemaphoreWaitInfo *i, uint64_t ns), (d, i, ns),       \
      VK_ERROR_DEVICE_LOST, FAULTY_QUEUE)

#define DEFINE(function, parameters, arguments, error, kind)                                       \
    static VKAPI_ATTR VkResult VKAPI_CALL faulty_##function parameters                             \
    {                                                                                              \
        return fails(kind) ? error : faults.real.function arguments;                               \
    }
FUNCTIONS(DEFINE)

void faulty_device_begin(venn_device *device, faulty_calls calls, uint64_t at)
{
    faults.device = device;
    faults.real = device->vk;
    faults.kind = calls;
    faults.at = at;
    atomic_store(&faults.calls, 0);
#define PUT(function, parameters, arguments, error, kind) device->vk.function = faulty_##function;
    FUNCTIONS(PUT)
}

uint64_t faulty_device_end(void)
{
    faults.device->vk = faults.real;
    return atomic_load(&faults.calls);
}

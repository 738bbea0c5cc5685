#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "foreign_vulkan.h"

// The loader's own entry points, found as a program without libvulkan at link time finds them.
#define CALL(f, name) ((PFN_##name)entry((f), #name))
#define OK(call) cr_assert_eq((call), VK_SUCCESS)

static PFN_vkVoidFunction entry(const foreign_vulkan *f, const char *name)
{
    static PFN_vkGetInstanceProcAddr get;
    if (!get) {
        void *loader = dlopen("libvulkan.so.1", RTLD_NOW);
        cr_assert_not_null(loader);
        void *symbol = dlsym(loader, "vkGetInstanceProcAddr");
        memcpy(&get, &symbol, sizeof get);
    }
    PFN_vkVoidFunction found = get(f ? f->handles.instance : NULL, name);
    cr_assert(found != NULL, "%s", name);
    return found;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT type,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    (void)severity, (void)type;
    fprintf(stderr, "validation: %s\n", data->pMessage);
    ++*(uint64_t *)user;
    return VK_FALSE;
}

static void open_instance(foreign_vulkan *f, uint32_t api_version)
{
    const char *validate = getenv("VENN_VALIDATE");
    const bool layers = validate && strcmp(validate, "1") == 0;
    const VkApplicationInfo app = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                   .apiVersion = api_version};
    const VkDebugUtilsMessengerCreateInfoEXT messenger = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
        .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                           VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
        .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
        .pfnUserCallback = on_message,
        .pUserData = &f->messages};
    const VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pApplicationInfo = &app,
        .enabledLayerCount = layers,
        .ppEnabledLayerNames = &(const char *){"VK_LAYER_KHRONOS_validation"},
        .enabledExtensionCount = layers,
        .ppEnabledExtensionNames = &(const char *){VK_EXT_DEBUG_UTILS_EXTENSION_NAME}};
    OK(CALL(NULL, vkCreateInstance)(&info, NULL, &f->handles.instance));
    if (layers)
        OK(CALL(f, vkCreateDebugUtilsMessengerEXT)(f->handles.instance, &messenger, NULL,
                                                   &f->messenger));
}

static void open_device(foreign_vulkan *f, bool timeline)
{
    VkQueueFamilyProperties families[16];
    uint32_t n = 16;
    CALL(f, vkGetPhysicalDeviceQueueFamilyProperties)(f->handles.physical_device, &n, families);
    while (f->handles.queue_family + 1 < n &&
           !(families[f->handles.queue_family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        f->handles.queue_family++;
    const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                           .queueFamilyIndex = f->handles.queue_family,
                                           .queueCount = 1,
                                           .pQueuePriorities = &(float){1}};
    const VkPhysicalDeviceVulkan12Features features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .timelineSemaphore = VK_TRUE};
    const VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                     .pNext = timeline ? &features : NULL,
                                     .queueCreateInfoCount = 1,
                                     .pQueueCreateInfos = &queue};
    OK(CALL(f, vkCreateDevice)(f->handles.physical_device, &info, NULL, &f->handles.device));
    CALL(f, vkGetDeviceQueue)
    (f->handles.device, f->handles.queue_family, 0, &f->handles.queue);
}

void foreign_vulkan_open(foreign_vulkan *f, uint32_t api_version)
{
    *f = (foreign_vulkan){0};
    open_instance(f, api_version);
    uint32_t one = 1;
    cr_assert_geq(
        CALL(f, vkEnumeratePhysicalDevices)(f->handles.instance, &one, &f->handles.physical_device),
        0);
    cr_assert_eq(one, 1);
    open_device(f, api_version >= VK_API_VERSION_1_2);
}

void foreign_vulkan_close(foreign_vulkan *f)
{
    OK(CALL(f, vkDeviceWaitIdle)(f->handles.device));
    CALL(f, vkDestroyDevice)(f->handles.device, NULL);
    if (f->messenger)
        CALL(f, vkDestroyDebugUtilsMessengerEXT)(f->handles.instance, f->messenger, NULL);
    CALL(f, vkDestroyInstance)(f->handles.instance, NULL);
    cr_assert_eq(f->messages, 0);
}

static void record(const foreign_vulkan *f, VkCommandBuffer commands,
                   const venn_vulkan_buffer *from, VkBuffer to)
{
    const VkCommandBufferBeginInfo begin = {.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    const VkBufferCopy copy = {.srcOffset = from->offset, .size = from->size};
    const VkMemoryBarrier barrier = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                     .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
                                     .dstAccessMask = VK_ACCESS_HOST_READ_BIT};
    OK(CALL(f, vkBeginCommandBuffer)(commands, &begin));
    CALL(f, vkCmdCopyBuffer)(commands, from->buffer, to, 1, &copy);
    CALL(f, vkCmdPipelineBarrier)
    (commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1, &barrier, 0, NULL,
     0, NULL);
    OK(CALL(f, vkEndCommandBuffer)(commands));
}

static void submit(const foreign_vulkan *f, VkCommandBuffer commands, VkSemaphore semaphore,
                   uint64_t value)
{
    const VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1,
        .pWaitSemaphoreValues = &value};
    const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_TRANSFER_BIT;
    const VkSubmitInfo info = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                               .pNext = &values,
                               .waitSemaphoreCount = 1,
                               .pWaitSemaphores = &semaphore,
                               .pWaitDstStageMask = &stage,
                               .commandBufferCount = 1,
                               .pCommandBuffers = &commands};
    OK(CALL(f, vkQueueSubmit)(f->handles.queue, 1, &info, VK_NULL_HANDLE));
    OK(CALL(f, vkQueueWaitIdle)(f->handles.queue));
}

static uint32_t host_memory(const foreign_vulkan *f, uint32_t types)
{
    const VkMemoryPropertyFlags wanted =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VkPhysicalDeviceMemoryProperties memory;
    CALL(f, vkGetPhysicalDeviceMemoryProperties)(f->handles.physical_device, &memory);
    uint32_t i = 0;
    while (i < memory.memoryTypeCount &&
           !(types >> i & 1 && (memory.memoryTypes[i].propertyFlags & wanted) == wanted))
        i++;
    cr_assert_lt(i, memory.memoryTypeCount);
    return i;
}

void foreign_vulkan_fetch(const foreign_vulkan *f, VkSemaphore semaphore, uint64_t value,
                          const venn_vulkan_buffer *from, void *to)
{
    const VkDevice device = f->handles.device;
    const VkBufferCreateInfo buffer_info = {.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                            .size = from->size,
                                            .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT};
    VkBuffer buffer;
    VkDeviceMemory memory;
    VkMemoryRequirements needs;
    OK(CALL(f, vkCreateBuffer)(device, &buffer_info, NULL, &buffer));
    CALL(f, vkGetBufferMemoryRequirements)(device, buffer, &needs);
    const VkMemoryAllocateInfo memory_info = {.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                              .allocationSize = needs.size,
                                              .memoryTypeIndex =
                                                  host_memory(f, needs.memoryTypeBits)};
    OK(CALL(f, vkAllocateMemory)(device, &memory_info, NULL, &memory));
    OK(CALL(f, vkBindBufferMemory)(device, buffer, memory, 0));
    const VkCommandPoolCreateInfo pool_info = {.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                               .queueFamilyIndex = f->handles.queue_family};
    VkCommandPool pool;
    VkCommandBuffer commands;
    OK(CALL(f, vkCreateCommandPool)(device, &pool_info, NULL, &pool));
    const VkCommandBufferAllocateInfo allocate = {
        .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
        .commandPool = pool,
        .commandBufferCount = 1};
    OK(CALL(f, vkAllocateCommandBuffers)(device, &allocate, &commands));
    record(f, commands, from, buffer);
    submit(f, commands, semaphore, value);
    void *mapped;
    OK(CALL(f, vkMapMemory)(device, memory, 0, VK_WHOLE_SIZE, 0, &mapped));
    memcpy(to, mapped, from->size);
    CALL(f, vkDestroyCommandPool)(device, pool, NULL);
    CALL(f, vkDestroyBuffer)(device, buffer, NULL);
    CALL(f, vkFreeMemory)(device, memory, NULL);
}

// A device that the program around venn has made: its handles are checked, and from then on used like
// our own, but for what is not ours to wait for or to destroy.
#include <stdlib.h>

#include "vk/vk_internal.h"

#include "venn/vulkan.h"

static venn_status find_physical_device(const venn_vulkan_params *params)
{
    VkPhysicalDevice list[64];
    uint32_t n = 64;
    if (vkEnumeratePhysicalDevices(params->instance, &n, list) < 0)
        n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (list[i] == params->physical_device)
            return VENN_OK;
    return venn_fail(VENN_BAD_ARG,
                     "adopting a device: physical_device is none of the instance's %u", n);
}

static venn_status check_queue_family(venn_device *device, uint32_t family)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = 32;
    vkGetPhysicalDeviceQueueFamilyProperties(device->physical, &count, families);
    if (family >= count)
        return venn_fail(VENN_BAD_ARG, "adopting a device: queue_family is %u, %s has %u of them",
                         family, device->info.name, count);
    if (!(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        return venn_fail(VENN_BAD_ARG,
                         "adopting a device: queue_family %u of %s does no compute: make the "
                         "device with a queue that has VK_QUEUE_COMPUTE_BIT",
                         family, device->info.name);
    device->queue_family = family;
    device->timestamp_bits = families[family].timestampValidBits;
    return VENN_OK;
}

static venn_status check_handles(const venn_vulkan_params *params)
{
    const struct {
        const char *name;
        const void *handle;
    } handles[] = {{"instance", params->instance},
                   {"physical_device", params->physical_device},
                   {"device", params->device},
                   {"queue", params->queue}};
    for (size_t i = 0; i < sizeof handles / sizeof *handles; i++)
        if (!handles[i].handle)
            return venn_fail(VENN_BAD_ARG, "adopting a device: %s is not set", handles[i].name);
    if (!params->lock_queue != !params->unlock_queue)
        return venn_fail(VENN_BAD_ARG, "adopting a device: %s is not set, but %s is",
                         params->lock_queue ? "unlock_queue" : "lock_queue",
                         params->lock_queue ? "lock_queue" : "unlock_queue");
    return VENN_OK;
}

static venn_status adopt(venn_device *device, const venn_vulkan_params *params)
{
    VENN_TRY(check_handles(params));
    VENN_TRY(venn_instance_adopt(&device->instance, params->instance));
    VENN_TRY(find_physical_device(params));
    device->physical = params->physical_device;
    venn_describe_device(device->physical, &device->info);
    if (!device->info.usable)
        return venn_fail(VENN_NO_DEVICE, "%s cannot be used: %s", device->info.name,
                         device->info.why_not);
    VENN_TRY(check_queue_family(device, params->queue_family));
    const venn_device_params limits = {.memory_limit = params->memory_limit};
    VENN_TRY(venn_device_measure(device, &limits));
    device->limits.matrix = (venn_matrix_units){
        .why_not = "the device is another program's, which does not say what it enabled"};
    device->limits.fixed_subgroup &= params->subgroup_size_control;
    // A pipeline that cannot be told its width may run narrower than the driver says.
    if (!device->limits.fixed_subgroup && device->limits.min_subgroup_size &&
        device->limits.min_subgroup_size < device->limits.max_subgroup_size)
        device->limits.subgroup_shuffle = false;
    if (!device->limits.fixed_subgroup)
        device->limits.min_subgroup_size = device->limits.max_subgroup_size = 0;
    struct VolkDeviceTable table;
    volkLoadDeviceTable(&table, params->device);
    device->calibrated = params->calibrated_timestamps && table.vkGetCalibratedTimestampsEXT &&
                         venn_clocks_supported(device->physical);
    if (!table.vkWaitSemaphores || !table.vkCreateSemaphore)
        return venn_fail(VENN_BAD_ARG, "adopting a device: its instance is older than Vulkan 1.2: "
                                       "set VkApplicationInfo.apiVersion");
    device->vk = table;
    device->handle = params->device;
    device->queue = params->queue;
    device->lock_queue = params->lock_queue;
    device->unlock_queue = params->unlock_queue;
    device->lock_user = params->user;
    return venn_device_begin(device);
}

venn_status venn_device_adopt(venn_device **out, const venn_vulkan_params *params)
{
    *out = NULL;
    venn_device *device = VENN_NEW(venn_device);
    if (!device)
        return VENN_NO_MEMORY;
    device->adopted = device->instance.adopted = true;
    pthread_mutex_init(&device->lock, NULL);
    venn_status status = adopt(device, params);
    if (status < 0) {
        venn_device_destroy(&device);
        return status;
    }
    venn_device_announce(device);
    *out = device;
    return VENN_OK;
}

VkSemaphore venn_vulkan_timeline(const venn_device *device)
{
    return device->timeline;
}

void venn_memory_vulkan(venn_memory memory, venn_vulkan_buffer *out)
{
    *out = (venn_vulkan_buffer){memory.block->buffer, memory.offset, memory.size};
}

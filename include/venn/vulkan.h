// venn/vulkan.h: venn inside a program that has a Vulkan device already: on its device and queue, with
// arrays that its own commands can read and write. The one header that needs Vulkan's, and so no part of
// venn.h.
//
//   venn_vulkan_params mine = {.instance = instance, .physical_device = physical, .device = device,
//                              .queue = queue, .queue_family = family};
//   venn_device_adopt(&venn, &mine);
//   ... any of venn, then e.g. venn_program_submit(program, &ticket) ...
//   a submission of mine waits for venn_vulkan_timeline(venn) to reach `ticket`, and reads what
//   venn_var_vulkan(var, &place) names.
#ifndef VENN_VULKAN_H
#define VENN_VULKAN_H

#include <vulkan/vulkan.h>

#include "venn/device.h"

#ifdef __cplusplus
extern "C" {
#endif

// What the caller has made. All five handles come from the system's loader (libvulkan.so.1), and outlive
// the venn_device.
typedef struct venn_vulkan_params {
    VkInstance instance; // of apiVersion 1.2 or above
    VkPhysicalDevice physical_device;
    VkDevice device;       // with the feature timelineSemaphore
    VkQueue queue;         // of `device`
    uint32_t queue_family; // the queue's; it must do compute
    // The device was made with VK_EXT_subgroup_size_control and its feature subgroupSizeControl (or with
    // Vulkan 1.3's). Where the driver has it but the device was made without, venn does without shuffles.
    bool subgroup_size_control;
    // The device was made with VK_EXT_calibrated_timestamps: timelines (io.h) then show host and device on
    // one axis.
    bool calibrated_timestamps;
    // Called around every vkQueueSubmit of venn's, for a queue that others submit to at the same time. Both
    // or neither. They must not call venn.
    void (*lock_queue)(void *user);
    void (*unlock_queue)(void *user);
    void *user;
    uint64_t memory_limit; // as in venn_device_params
} venn_vulkan_params;

// A venn_device on the caller's. It is like any other, but that destroying it leaves the caller's handles as
// they were, once venn's own work is done, and that validation messages go to the caller's messenger.
// VENN_BAD_ARG names the field that is missing or does not fit the others; VENN_NO_DEVICE says what the
// device lacks, and stands for a missing loader. A device without timelineSemaphore cannot be told from one
// with it: validation layers do.
venn_status venn_device_adopt(venn_device **out, const venn_vulkan_params *params);

// The timeline semaphore on which every submission of the device signals its ticket (venn_program_submit):
// commands that wait for a ticket's value see all that was written up to it. Only venn signals it. It lives
// as long as the device.
VkSemaphore venn_vulkan_timeline(const venn_device *device);

// A part of a buffer. Its usage is storage buffer, uniform texel buffer, and transfer to and from; it
// belongs to the device's queue family.
typedef struct venn_vulkan_buffer {
    VkBuffer buffer;           // shared with other arrays: stay within offset and size
    VkDeviceSize offset, size; // of the array's own bytes; offset is a multiple of 256
} venn_vulkan_buffer;

// venn_var_vulkan (tensor.h) tells where an array is. Commands that write it must be finished before a
// program that uses it is submitted, those that read it before one that changes it: venn waits for
// nothing but its own work.

#ifdef __cplusplus
}
#endif
#endif

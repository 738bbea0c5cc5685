// A Vulkan instance, device and queue of somebody else's, as a program around venn has them; under the
// validation layers with VENN_VALIDATE=1.
#ifndef FOREIGN_VULKAN_H
#define FOREIGN_VULKAN_H

#define VK_NO_PROTOTYPES
#include "venn/vulkan.h"

typedef struct foreign_vulkan {
    venn_vulkan_params handles; // ready to be adopted
    uint64_t messages;          // of the validation layers
    VkDebugUtilsMessengerEXT messenger;
} foreign_vulkan;

// With an instance of this apiVersion. Fails the present test if there is no device.
void foreign_vulkan_open(foreign_vulkan *f, uint32_t api_version);
// Destroys all; fails the present test if validation layers had something to say.
void foreign_vulkan_close(foreign_vulkan *f);
// Copies size bytes of the buffer to `to` by commands of their own, once the semaphore is at `value`.
void foreign_vulkan_fetch(const foreign_vulkan *f, VkSemaphore semaphore, uint64_t value,
                          const venn_vulkan_buffer *from, void *to);

#endif

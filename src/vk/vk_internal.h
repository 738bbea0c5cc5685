// Vulkan state shared by the files of src/vk.
#ifndef VENN_VK_INTERNAL_H
#define VENN_VK_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#define VK_NO_PROTOTYPES
#include <volk.h>

#include "vk/vk.h"

typedef struct venn_instance {
    VkInstance handle;
    bool adopted; // somebody else's, who destroys it
    VkDebugUtilsMessengerEXT messenger;
    bool debug_utils;
    // Of the extension: an instance without it has none, so they are no globals of volk's.
    PFN_vkCreateDebugUtilsMessengerEXT create_messenger;
    PFN_vkDestroyDebugUtilsMessengerEXT destroy_messenger;
    PFN_vkSetDebugUtilsObjectNameEXT set_name;
    PFN_vkCmdBeginDebugUtilsLabelEXT begin_label;
    PFN_vkCmdEndDebugUtilsLabelEXT end_label;
    bool abort_on_message;
    atomic_uint_least64_t messages;
} venn_instance;

struct venn_block {
    venn_block *next;
    VkBuffer buffer;
    VkDeviceMemory memory;
    uint64_t size;
    uint8_t *host;
    struct venn_span *free; // sorted by offset, never adjacent
};

typedef struct venn_span {
    struct venn_span *next;
    uint64_t offset, size;
} venn_span;

#define VENN_DUMMIES 64

struct venn_device {
    venn_instance instance;
    VkPhysicalDevice physical;
    VkDevice handle;
    bool adopted;                   // as of the instance
    void (*lock_queue)(void *user); // an adopted queue's; both or neither
    void (*unlock_queue)(void *user);
    void *lock_user;
    struct VolkDeviceTable vk;
    VkQueue queue;
    uint32_t queue_family;
    uint32_t timestamp_bits;
    bool calibrated; // the device's clock can be read beside the host's
    venn_device_info info;
    venn_limits limits;
    VkPhysicalDeviceMemoryProperties memory_properties;

    pthread_mutex_t lock; // queue, ticket and blocks
    VkSemaphore timeline;
    uint64_t ticket;
    atomic_uint_least64_t submissions;

    venn_block *blocks[VENN_MEMORY_KINDS];
    venn_memory_stats stats;
    uint64_t memory_limit;
    // Bound where an optional operand is absent: a slot per dispatch between two barriers, because what a
    // shader may access counts as accessed, and two dispatches would race for one dummy.
    venn_memory dummies;

    bool traces;        // lists keep what they record and check it (trace.h)
    bool buffers_apart; // each allocation is a buffer of its own, which layers see kernels leave

    void *kernels;
    void (*kernels_destroy)(void *);
};

// Turns a VkResult into a status with the message "<call>: <result>, <device>".
venn_status venn_vk_fail(const venn_device *device, VkResult result, const char *call);

// `VK(device, vkThing(...))` for functions of the device table: returns the status on failure.
#define VK(device, call)                                                                           \
    do {                                                                                           \
        VkResult vk_result_ = (device)->vk.call;                                                   \
        if (vk_result_ < 0)                                                                        \
            return venn_vk_fail(device, vk_result_, #call);                                        \
    } while (0)

// loader.c
// What the Khronos validation layer looks at: calls and their synchronization, or what kernels do with memory
// (GPU-assisted: it rewrites them, which takes many times as long, and not both at a time).
typedef enum venn_validation {
    VENN_VALIDATE_NOTHING,
    VENN_VALIDATE_CALLS,
    VENN_VALIDATE_KERNELS
} venn_validation;
venn_status venn_instance_create(venn_instance *instance, venn_validation validate,
                                 bool abort_on_message);
// Of somebody else's instance; no validation messages come through it.
venn_status venn_instance_adopt(venn_instance *instance, VkInstance handle);
void venn_instance_finish(venn_instance *instance);
void venn_debug_name(venn_device *device, VkObjectType type, uint64_t handle, const char *name);

// enumerate.c: devices of an instance in venn's order, with malloc'd handles and infos.
bool venn_has_device_extension(VkPhysicalDevice device, const char *name);
venn_status venn_enumerate(venn_instance *instance, VkPhysicalDevice **handles,
                           venn_device_info **infos, size_t *count);

void venn_describe_device(VkPhysicalDevice device, venn_device_info *info);

// select.c: the index of the device that `select` means (venn_device_params); NULL or "": any.
venn_status venn_select_device(const venn_device_info *infos, size_t count, const char *select,
                               size_t *out);

// device.c. In this order: measure, when physical and info are set; begin, when handle, vk and queue are; and
// announce, when all is well.
venn_status venn_device_measure(venn_device *device, const venn_device_params *params);
venn_status venn_device_begin(venn_device *device);
void venn_device_announce(const venn_device *device);

// memory.c
void venn_blocks_finish(venn_device *device);

// matrix_units.c: what the physical device has, into limits.matrix; and the features that a device needs for
// it, in front of `next`.
void venn_matrix_read(venn_device *device);
typedef union venn_matrix_feature {
    VkBaseOutStructure base;
    uint64_t room[4]; // of the feature structure of either extension
} venn_matrix_feature;
const char *venn_matrix_extension(const venn_matrix_units *units);
void *venn_matrix_enable(const venn_matrix_units *units, venn_matrix_feature *feature, void *next);

// clock.c: whether both clocks can be read at one time.
bool venn_clocks_supported(VkPhysicalDevice physical);
// Nanoseconds of a timestamp of the device's queue.
uint64_t venn_device_nanoseconds(const venn_device *device, uint64_t ticks);

#endif

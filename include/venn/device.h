// venn/device.h: finding, opening and describing a Vulkan device.
#ifndef VENN_DEVICE_H
#define VENN_DEVICE_H

#include "venn/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// An open Vulkan device with what venn needs on it: one queue, memory, compiled kernels.
typedef struct venn_device venn_device;

// Vulkan's types of device; software is what Vulkan calls a CPU.
typedef enum venn_device_kind {
    VENN_DEVICE_DISCRETE,
    VENN_DEVICE_INTEGRATED,
    VENN_DEVICE_VIRTUAL,
    VENN_DEVICE_SOFTWARE,
    VENN_DEVICE_OTHER
} venn_device_kind;

// What is known of a device without opening it, and which of it venn uses.
typedef struct venn_device_info {
    int index;          // position in venn's order: discrete, integrated, virtual, software
    char name[256];     // the driver's name of the device
    char driver[520];   // driver name and version text
    uint8_t uuid[16];   // VkPhysicalDeviceIDProperties::deviceUUID
    char uuid_text[37]; // the same, 8-4-4-4-12 hexadecimal digits
    char pci[16];       // address on the PCI bus, "0000:01:00.0"; "": none, or not told
    venn_device_kind kind;
    uint32_t vendor_id, device_id, driver_id, driver_version, api_version; // as Vulkan packs them
    uint32_t subgroup_size;
    uint32_t max_workgroup_size; // invocations in one workgroup
    uint32_t shared_memory;      // bytes in one workgroup
    uint64_t max_storage_range;  // bytes that one shader binding can see
    uint64_t max_texel_elements; // texels in one texel buffer view
    uint64_t device_memory;      // bytes of the largest device-local heap
    bool unified_memory;         // device memory that the host can map
    bool f16, int8, timestamps;  // shaderFloat16, storageBuffer8BitAccess, queue timestamps
    bool half_storage;           // storageBuffer16BitAccess
    float timestamp_period;      // nanoseconds of one tick
    bool usable;                 // false if something venn needs is missing
    char why_not[128];           // and what that is
} venn_device_info;

// All Vulkan devices of this machine in venn's order. *list is one malloc'd array of *count
// entries for the caller to free(); it may be empty. VENN_NO_DEVICE without a Vulkan loader.
venn_status venn_device_list(venn_device_info **list, size_t *count);
// "discrete", "integrated", "virtual", "software", "other".
const char *venn_device_kind_name(venn_device_kind kind);

// Which device to open, and how; zeroed: the defaults.
typedef struct venn_device_params {
    // Index ("0"), UUID (with or without dashes) or part of the name, case-insensitive. NULL or "":
    // the environment variable VENN_DEVICE, and without it the first usable device.
    const char *select;
    // Load the Khronos validation layer with core and synchronization checks. The environment
    // variable VENN_VALIDATE=1 does the same; VENN_VALIDATE=gpu has the layer check instead which memory kernels
    // read and write, and takes many times as long. Messages go to the log as errors and are counted.
    bool validate;
    // abort() on the first validation message; VENN_VALIDATE_ABORT=1 does the same.
    bool abort_on_validation;
    // Upper bound of the bytes of device memory to take. 0: the environment variable
    // VENN_MEMORY_LIMIT, and without it what the heap holds.
    uint64_t memory_limit;
} venn_device_params;

// Opens a device. params may be NULL. VENN_NO_DEVICE if the loader is missing, nothing matches or
// the match lacks something (the message says what). One device may be used by one thread at a
// time, except where a function says otherwise. The caller destroys it after everything made on it.
venn_status venn_device_create(venn_device **out, const venn_device_params *params);
// Waits for the device and frees it. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_device_destroy(venn_device **device);

// Owned by the device.
const venn_device_info *venn_device_get_info(const venn_device *device);

// Of device memory.
typedef struct venn_memory_stats {
    uint64_t in_use;   // bytes handed out now
    uint64_t peak;     // the most that were handed out at one time
    uint64_t reserved; // bytes taken from Vulkan in large blocks
} venn_memory_stats;

// What is taken of it at present, and was at most.
void venn_device_memory(const venn_device *device, venn_memory_stats *stats);
// Hash of all shaders in the library, 32 hexadecimal digits, in storage of this thread: results of two programs can
// differ in the last bits only if this, the driver or the device differs.
const char *venn_shader_hash(void);
// Validation messages seen since the device was created (0 without validation).
uint64_t venn_device_validation_messages(const venn_device *device);
// Submissions made to the queue since the device was created.
uint64_t venn_device_submissions(const venn_device *device);

#ifdef __cplusplus
}
#endif
#endif

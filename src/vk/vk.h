// What the layers above may know of Vulkan: device memory, recorded commands, pipelines and the queue,
// without a Vulkan type. Everything else of Vulkan stays inside this folder.
#ifndef VENN_VK_VK_H
#define VENN_VK_VK_H

#include "base/status.h"
#include "venn/device.h"

// ---- Device ----------------------------------------------------------------------------------

typedef enum venn_driver {
    VENN_DRIVER_OTHER,
    VENN_DRIVER_LLVMPIPE,
    VENN_DRIVER_SWIFTSHADER,
    VENN_DRIVER_NVIDIA,
    VENN_DRIVER_AMD,
    VENN_DRIVER_INTEL
} venn_driver;

typedef enum venn_matrix_api {
    VENN_MATRIX_NONE,
    VENN_MATRIX_KHR,     // VK_KHR_cooperative_matrix
    VENN_MATRIX_NV,      // VK_NV_cooperative_matrix
    VENN_MATRIX_EMULATED // by plain code, for tests; no device says this
} venn_matrix_api;

// Cooperative matrices: subgroups that multiply m x k by k x n of f16 and add to m x n of f32.
typedef struct venn_matrix_units {
    venn_matrix_api api;
    uint32_t m, n, k;
    const char *why_not; // where there are none
} venn_matrix_units;

// A shape that a driver offers; the numbers are VkComponentTypeKHR's and VkScopeKHR's, which are also NV's.
typedef struct venn_matrix_shape {
    uint32_t m, n, k, a, b, c, result, scope;
    bool saturating;
} venn_matrix_shape;

// matrix_units.c: of n shapes the one that suits venn best; false if none is f16 x f16 + f32 for subgroups,
// with powers of two from 8 to 32.
bool venn_matrix_choose(const venn_matrix_shape *shapes, uint32_t n, venn_matrix_units *units);

// Limits that decide kernels and layouts, beyond what venn_device_info tells.
typedef struct venn_limits {
    venn_driver driver;
    uint32_t max_groups[3];
    uint64_t alignment;      // of every value: storage and texel offsets, at least 256
    uint64_t max_allocation; // bytes of one block of memory
    bool subgroup_shuffle;   // shuffle in compute shaders
    bool fixed_subgroup;     // pipelines are asked to run at venn_device_info.subgroup_size
    uint32_t max_subgroups;  // in a workgroup of such a pipeline
    // Sizes that pipelines can be asked for; both 0 if they cannot.
    uint32_t min_subgroup_size, max_subgroup_size;
    venn_matrix_units matrix;
    double
        submission_us; // programs keep a submission shorter, where they can; 0: as long as it takes
} venn_limits;

const venn_limits *venn_device_limits(const venn_device *device);
// Runs later pipelines at this subgroup size. VENN_BAD_ARG if the driver cannot.
venn_status venn_device_fix_subgroup(venn_device *device, uint32_t size);
// A slot for the kernel layer's state, freed through its own function when the device goes.
void venn_device_set_kernels(venn_device *device, void *kernels, void (*destroy)(void *));
void *venn_device_kernels(const venn_device *device);

// ---- Memory ----------------------------------------------------------------------------------

typedef enum venn_memory_kind {
    VENN_MEMORY_DEVICE,   // kernels' memory
    VENN_MEMORY_UPLOAD,   // host writes, device copies from
    VENN_MEMORY_READBACK, // device copies to, host reads
    VENN_MEMORY_KINDS
} venn_memory_kind;

typedef struct venn_block venn_block;

// A part of a large block. `host` is mapped memory, NULL for device memory.
typedef struct venn_memory {
    venn_block *block;
    uint64_t offset, size;
    uint8_t *host;
} venn_memory;

// size is rounded up to the device's alignment. The content is undefined.
venn_status venn_memory_alloc(venn_device *device, venn_memory_kind kind, uint64_t size,
                              const char *what, venn_memory *out);
// Accepts a zeroed struct; zeroes it.
void venn_memory_free(venn_device *device, venn_memory *memory);
// The part [offset, offset + size) of `memory`.
venn_memory venn_memory_part(venn_memory memory, uint64_t offset, uint64_t size);

// Synchronous copies between the host and the first `bytes` of device memory, ordered after
// everything submitted before.
venn_status venn_memory_write(venn_device *device, venn_memory memory, const void *data,
                              uint64_t bytes);
venn_status venn_memory_read(venn_device *device, venn_memory memory, void *data, uint64_t bytes);

struct venn_vulkan_buffer;
// Where Vulkan has device memory (venn/vulkan.h).
void venn_memory_vulkan(venn_memory memory, struct venn_vulkan_buffer *out);

// ---- Pipelines -------------------------------------------------------------------------------

#define VENN_MAX_BINDINGS 16
#define VENN_FIRST_STORAGE_CONSTANT 16 // an op's own constants come before

typedef struct venn_pipeline venn_pipeline;

// How a binding stores its numbers; the values are those of shaders/lib/types.glsl.
typedef enum venn_storage { VENN_STORAGE_F32, VENN_STORAGE_F16, VENN_STORAGE_BF16 } venn_storage;
// Two bits for each binding.
static inline venn_storage venn_storage_of(uint32_t storages, uint32_t binding)
{
    return (venn_storage)(storages >> 2 * binding & 3);
}

typedef struct venn_pipeline_desc {
    const char *name;
    const uint32_t *code;
    size_t code_size; // bytes
    // Bit i: binding i is read as storage buffer, as texels of four, as single texels.
    uint32_t storage, texel4, texel1;
    uint32_t reads, writes; // bit i: the shader reads, writes storage buffer i
    uint32_t storages;      // what bindings hold, see venn_storage_of
    const uint32_t *spec;   // constants 0 .. n_spec - 1
    uint32_t n_spec;
    uint32_t push_size;
} venn_pipeline_desc;

venn_status venn_pipeline_create(venn_device *device, const venn_pipeline_desc *desc,
                                 venn_pipeline **out);
// Texels of the longest view through which the pipeline sees `bytes` at a binding; 0 without views.
uint64_t venn_pipeline_texels(const venn_pipeline *pipeline, uint32_t binding, uint64_t bytes);
void venn_pipeline_destroy(venn_device *device, venn_pipeline **pipeline);

// ---- Commands --------------------------------------------------------------------------------

typedef struct venn_commands venn_commands;

// A command buffer to be recorded once and submitted any number of times, also while pending.
// `timestamps` is the number of timestamps it will write (0: none).
venn_status venn_commands_create(venn_device *device, const char *name, uint32_t timestamps,
                                 venn_commands **out);
void venn_commands_destroy(venn_commands **commands);
// Later commands see the writes of earlier ones, kernels and copies alike.
void venn_commands_barrier(venn_commands *c);
void venn_commands_copy(venn_commands *c, venn_memory dst, venn_memory src, uint64_t bytes);
void venn_commands_fill(venn_commands *c, venn_memory dst, uint32_t pattern);
// bind[i] with block NULL is an absent operand. Errors come out of venn_commands_end.
void venn_commands_dispatch(venn_commands *c, const venn_pipeline *pipeline,
                            const venn_memory *bind, uint32_t n_bind, const void *push,
                            uint32_t push_size, const uint32_t groups[3]);
void venn_commands_timestamp(venn_commands *c, uint32_t index);
// Label for debuggers and for messages of venn_commands_end; pairs nest.
void venn_commands_label(venn_commands *c, const char *name);
void venn_commands_label_end(venn_commands *c);
// The first error while recording. On a device opened with validation also VENN_INTERNAL, with the
// labels of both, if two commands touch the same memory, one of them writing it, and no barrier is
// between them; and if the list does not begin with a barrier, which orders it behind all earlier ones.
venn_status venn_commands_end(venn_commands *c);
// Nanoseconds of the timestamps written by the last finished run; false if they are not there.
bool venn_commands_times(venn_commands *c, uint64_t *ns, uint32_t count);

// ---- Queue -----------------------------------------------------------------------------------

#define VENN_MAX_LISTS 66

// One submission of the lists in order; *ticket grows with every submission of the device.
// Thread-safe.
venn_status venn_queue_submit(venn_device *device, venn_commands *const *lists, uint32_t n,
                              uint64_t *ticket);
// Sleeps until the ticket is done; ticket 0 is always done. Thread-safe.
venn_status venn_queue_wait(venn_device *device, uint64_t ticket);

// ---- Clocks ----------------------------------------------------------------------------------

// The device's clock, that of timestamps, and the host's (CLOCK_MONOTONIC) at one time, in nanoseconds;
// false where the driver cannot tell.
bool venn_device_clocks(venn_device *device, uint64_t *device_ns, uint64_t *host_ns);

#endif

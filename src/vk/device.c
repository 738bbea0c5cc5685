// Opening a device: selection, features, queue, limits.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/vk_internal.h"

venn_status venn_vk_fail(const venn_device *device, VkResult result, const char *call)
{
    int length = (int)strcspn(call, "(");
    const char *name = device->info.name;
    switch (result) {
    case VK_ERROR_OUT_OF_HOST_MEMORY:
        return venn_fail(VENN_NO_MEMORY, "%.*s: out of host memory, %s", length, call, name);
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTED_POOL:
    case VK_ERROR_MEMORY_MAP_FAILED:
        return venn_fail(VENN_NO_DEVICE_MEMORY, "%.*s: out of device memory, %s", length, call,
                         name);
    case VK_ERROR_DEVICE_LOST:
        return venn_fail(VENN_DEVICE_LOST, "%.*s: the device was lost, %s", length, call, name);
    default:
        return venn_fail(VENN_UNSUPPORTED, "%.*s: VkResult %d, %s", length, call, result, name);
    }
}

// ---- Creation --------------------------------------------------------------------------------

static uint32_t choose_queue_family(VkPhysicalDevice device, uint32_t *timestamp_bits)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = 32;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families);
    uint32_t family = 0;
    while (family + 1 < count && !(families[family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        family++;
    *timestamp_bits = families[family].timestampValidBits;
    return family;
}

static venn_driver driver_of(uint32_t id)
{
    switch (id) {
    case VK_DRIVER_ID_MESA_LLVMPIPE:
        return VENN_DRIVER_LLVMPIPE;
    case VK_DRIVER_ID_GOOGLE_SWIFTSHADER:
        return VENN_DRIVER_SWIFTSHADER;
    case VK_DRIVER_ID_NVIDIA_PROPRIETARY:
        return VENN_DRIVER_NVIDIA;
    case VK_DRIVER_ID_MESA_RADV:
    case VK_DRIVER_ID_AMD_OPEN_SOURCE:
    case VK_DRIVER_ID_AMD_PROPRIETARY:
        return VENN_DRIVER_AMD;
    case VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA:
    case VK_DRIVER_ID_INTEL_PROPRIETARY_WINDOWS:
        return VENN_DRIVER_INTEL;
    default:
        return VENN_DRIVER_OTHER;
    }
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

// Some drivers run a kernel at a narrower width than the subgroup size that they report, unless told.
static void read_subgroup_control(venn_device *device)
{
    if (!venn_has_device_extension(device->physical, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME))
        return;
    VkPhysicalDeviceSubgroupSizeControlProperties control = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &control};
    vkGetPhysicalDeviceProperties2(device->physical, &properties);
    VkPhysicalDeviceSubgroupSizeControlFeatures feature = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                          .pNext = &feature};
    vkGetPhysicalDeviceFeatures2(device->physical, &features);
    const uint32_t size = device->info.subgroup_size;
    device->limits.fixed_subgroup =
        feature.subgroupSizeControl && control.minSubgroupSize <= size &&
        size <= control.maxSubgroupSize &&
        (control.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT);
    device->limits.max_subgroups = control.maxComputeWorkgroupSubgroups;
    if (device->limits.fixed_subgroup) {
        device->limits.min_subgroup_size = control.minSubgroupSize;
        device->limits.max_subgroup_size = control.maxSubgroupSize;
    }
}

venn_status venn_device_fix_subgroup(venn_device *device, uint32_t size)
{
    const venn_limits *limits = &device->limits;
    const uint32_t now = device->info.subgroup_size;
    const bool can = size && (size & (size - 1)) == 0 && size >= limits->min_subgroup_size &&
                     size <= limits->max_subgroup_size;
    if (size != now && !can)
        return venn_fail(VENN_BAD_ARG, "subgroups of %u: %s runs subgroups of %u to %u", size,
                         device->info.name,
                         limits->fixed_subgroup ? limits->min_subgroup_size : now,
                         limits->fixed_subgroup ? limits->max_subgroup_size : now);
    device->info.subgroup_size = size;
    return VENN_OK;
}

static void read_limits(venn_device *device)
{
    VkPhysicalDeviceSubgroupProperties subgroup = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES};
    VkPhysicalDeviceMaintenance3Properties maintenance = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES, .pNext = &subgroup};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &maintenance};
    vkGetPhysicalDeviceProperties2(device->physical, &properties);
    const VkPhysicalDeviceLimits *limits = &properties.properties.limits;
    venn_limits *out = &device->limits;
    out->driver = driver_of(device->info.driver_id);
    memcpy(out->max_groups, limits->maxComputeWorkGroupCount, sizeof out->max_groups);
    out->alignment = larger(256, larger(limits->minStorageBufferOffsetAlignment,
                                        limits->minTexelBufferOffsetAlignment));
    out->max_allocation = maintenance.maxMemoryAllocationSize;
    out->subgroup_shuffle = (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) &&
                            (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT);
}

static venn_status create_handle(venn_device *device)
{
    const char *extensions[4];
    uint32_t n = 0;
    if (venn_has_device_extension(device->physical, "VK_KHR_portability_subset"))
        extensions[n++] = "VK_KHR_portability_subset";
    if (device->limits.fixed_subgroup)
        extensions[n++] = VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME;
    device->calibrated =
        venn_has_device_extension(device->physical, VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME) &&
        venn_clocks_supported(device->physical);
    if (device->calibrated)
        extensions[n++] = VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME;
    const venn_matrix_units *matrix = &device->limits.matrix;
    if (matrix->api)
        extensions[n++] = venn_matrix_extension(matrix);
    device->queue_family = choose_queue_family(device->physical, &device->timestamp_bits);
    float priority = 1;
    VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                     .queueFamilyIndex = device->queue_family,
                                     .queueCount = 1,
                                     .pQueuePriorities = &priority};
    VkPhysicalDeviceSubgroupSizeControlFeatures subgroup = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES,
        .subgroupSizeControl = VK_TRUE};
    venn_matrix_feature feature;
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .pNext =
            venn_matrix_enable(matrix, &feature, device->limits.fixed_subgroup ? &subgroup : NULL),
        .shaderFloat16 = matrix->api != VENN_MATRIX_NONE,
        .vulkanMemoryModel = matrix->api != VENN_MATRIX_NONE,
        .timelineSemaphore = VK_TRUE};
    VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                               .pNext = &v12,
                               .queueCreateInfoCount = 1,
                               .pQueueCreateInfos = &queue,
                               .enabledExtensionCount = n,
                               .ppEnabledExtensionNames = extensions};
    VkResult result = vkCreateDevice(device->physical, &info, NULL, &device->handle);
    if (result < 0)
        return venn_vk_fail(device, result, "vkCreateDevice");
    volkLoadDeviceTable(&device->vk, device->handle);
    device->vk.vkGetDeviceQueue(device->handle, device->queue_family, 0, &device->queue);
    return VENN_OK;
}

venn_status venn_device_begin(venn_device *device)
{
    VkSemaphoreTypeCreateInfo type = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                      .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE};
    VkSemaphoreCreateInfo semaphore = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO,
                                       .pNext = &type};
    VK(device, vkCreateSemaphore(device->handle, &semaphore, NULL, &device->timeline));
    return venn_memory_alloc(device, VENN_MEMORY_DEVICE, VENN_DUMMIES * device->limits.alignment,
                             "absent operands", &device->dummies);
}

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == 0;
}

static bool is_on(const char *value)
{
    return value && *value && strcmp(value, "0") != 0;
}

static bool env_is_on(const char *name)
{
    return is_on(getenv(name));
}

static venn_status read_validation(bool asked, venn_validation *validation)
{
    const char *text = getenv("VENN_VALIDATE");
    *validation = asked ? VENN_VALIDATE_CALLS : VENN_VALIDATE_NOTHING;
    if (!is_on(text))
        return VENN_OK;
    if (strcmp(text, "1") != 0 && strcmp(text, "gpu") != 0)
        return venn_fail(VENN_BAD_ARG,
                         "VENN_VALIDATE is \"%s\", it must be 1 (calls), gpu (memory of kernels) "
                         "or 0",
                         text);
    *validation = *text == '1' ? VENN_VALIDATE_CALLS : VENN_VALIDATE_KERNELS;
    return VENN_OK;
}

// The bound of VENN_MEMORY_LIMIT where the caller gives none.
static venn_status read_memory_limit(uint64_t *limit)
{
    const char *text = getenv("VENN_MEMORY_LIMIT");
    if (*limit || !text || !*text)
        return VENN_OK;
    errno = 0;
    *limit = is_number(text) ? strtoull(text, NULL, 10) : 0;
    if (*limit == 0 || errno)
        return venn_fail(VENN_BAD_ARG, "VENN_MEMORY_LIMIT is \"%s\", it must be a number of bytes",
                         text);
    return VENN_OK;
}

// A display's watchdog takes a device away that is busy for seconds, and a desktop stutters long before.
// Software devices have neither.
static venn_status read_submission_time(const venn_device_info *info, double *us)
{
    const char *text = getenv("VENN_SUBMIT_MS");
    *us = info->kind == VENN_DEVICE_SOFTWARE ? 0 : 100e3;
    if (!text || !*text)
        return VENN_OK;
    char *end;
    *us = 1e3 * strtod(text, &end);
    if (end == text || *end || !(*us >= 0 && *us <= 1e9))
        return venn_fail(VENN_BAD_ARG,
                         "VENN_SUBMIT_MS is \"%s\", it must be the milliseconds that a submission "
                         "may take, or 0",
                         text);
    return VENN_OK;
}

venn_status venn_device_measure(venn_device *device, const venn_device_params *params)
{
    device->memory_limit = params->memory_limit;
    device->traces = params->validate || env_is_on("VENN_VALIDATE");
    vkGetPhysicalDeviceMemoryProperties(device->physical, &device->memory_properties);
    VENN_TRY(read_memory_limit(&device->memory_limit));
    read_limits(device);
    read_subgroup_control(device);
    venn_matrix_read(device);
    return read_submission_time(&device->info, &device->limits.submission_us);
}

static venn_status open_device(venn_device *device, const venn_device_params *params)
{
    const char *select = params->select && *params->select ? params->select : getenv("VENN_DEVICE");
    venn_validation validation;
    VENN_TRY(read_validation(params->validate, &validation));
    device->buffers_apart = validation == VENN_VALIDATE_KERNELS;
    VENN_TRY(venn_instance_create(&device->instance, validation,
                                  params->abort_on_validation || env_is_on("VENN_VALIDATE_ABORT")));
    VkPhysicalDevice *handles = NULL;
    venn_device_info *infos = NULL;
    size_t count = 0, chosen = 0;
    VENN_TRY(venn_enumerate(&device->instance, &handles, &infos, &count));
    venn_status status = venn_select_device(infos, count, select, &chosen);
    if (status == VENN_OK) {
        device->physical = handles[chosen];
        device->info = infos[chosen];
    }
    free(handles);
    free(infos);
    VENN_TRY(status);
    VENN_TRY(venn_device_measure(device, params));
    VENN_TRY(create_handle(device));
    return venn_device_begin(device);
}

void venn_device_announce(const venn_device *device)
{
    if (device->info.kind == VENN_DEVICE_SOFTWARE)
        venn_log_line(VENN_LOG_WARN, "%s is software Vulkan: correct, but slow", device->info.name);
}

venn_status venn_device_create(venn_device **out, const venn_device_params *params)
{
    static const venn_device_params defaults;
    *out = NULL;
    venn_device *device = VENN_NEW(venn_device);
    if (!device)
        return VENN_NO_MEMORY;
    if (!params)
        params = &defaults;
    pthread_mutex_init(&device->lock, NULL);
    venn_status status = open_device(device, params);
    if (status < 0) {
        venn_device_destroy(&device);
        return status;
    }
    venn_device_announce(device);
    *out = device;
    return VENN_OK;
}

void venn_device_destroy(venn_device **handle)
{
    venn_device *device = *handle;
    if (!device)
        return;
    if (device->handle) {
        // The queues of somebody else's device are not ours to wait for.
        if (!device->adopted)
            device->vk.vkDeviceWaitIdle(device->handle);
        else if (device->timeline)
            (void)venn_queue_wait(device, device->ticket);
        if (device->kernels_destroy)
            device->kernels_destroy(device->kernels);
        venn_blocks_finish(device);
        device->vk.vkDestroySemaphore(device->handle, device->timeline, NULL);
        if (!device->adopted)
            device->vk.vkDestroyDevice(device->handle, NULL);
    }
    venn_instance_finish(&device->instance);
    pthread_mutex_destroy(&device->lock);
    free(device);
    *handle = NULL;
}

const venn_device_info *venn_device_get_info(const venn_device *device)
{
    return &device->info;
}

const venn_limits *venn_device_limits(const venn_device *device)
{
    return &device->limits;
}

void venn_device_set_kernels(venn_device *device, void *kernels, void (*destroy)(void *))
{
    device->kernels = kernels;
    device->kernels_destroy = destroy;
}

void *venn_device_kernels(const venn_device *device)
{
    return device->kernels;
}

uint64_t venn_device_validation_messages(const venn_device *device)
{
    return atomic_load(&device->instance.messages);
}

uint64_t venn_device_submissions(const venn_device *device)
{
    return atomic_load(&device->submissions);
}

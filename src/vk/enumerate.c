// What Vulkan devices there are, in venn's order, and whether venn can use them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vk/vk_internal.h"

const char *venn_device_kind_name(venn_device_kind kind)
{
    static const char *const name[] = {"discrete", "integrated", "virtual", "software", "other"};
    return name[kind];
}

static venn_device_kind kind_of(VkPhysicalDeviceType type)
{
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
        return VENN_DEVICE_DISCRETE;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
        return VENN_DEVICE_INTEGRATED;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
        return VENN_DEVICE_VIRTUAL;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
        return VENN_DEVICE_SOFTWARE;
    default:
        return VENN_DEVICE_OTHER;
    }
}

static void uuid_text(const uint8_t uuid[16], char text[37])
{
    char *p = text;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        p += sprintf(p, "%02x", uuid[i]);
    }
}

bool venn_has_device_extension(VkPhysicalDevice device, const char *name)
{
    uint32_t count = 0;
    vkEnumerateDeviceExtensionProperties(device, NULL, &count, NULL);
    VkExtensionProperties *list = venn_alloc(count, sizeof *list);
    bool found = false;
    if (list && vkEnumerateDeviceExtensionProperties(device, NULL, &count, list) >= 0)
        for (uint32_t i = 0; i < count && !found; i++)
            found = strcmp(list[i].extensionName, name) == 0;
    free(list);
    return found;
}

static void read_pci(VkPhysicalDevice device, venn_device_info *info)
{
    VkPhysicalDevicePCIBusInfoPropertiesEXT pci = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &pci};
    if (!venn_has_device_extension(device, VK_EXT_PCI_BUS_INFO_EXTENSION_NAME))
        return;
    vkGetPhysicalDeviceProperties2(device, &properties);
    snprintf(info->pci, sizeof info->pci, "%04x:%02x:%02x.%x", pci.pciDomain & 0xffff,
             pci.pciBus & 0xff, pci.pciDevice & 0xff, pci.pciFunction & 0xf);
}

static void read_memory(VkPhysicalDevice device, venn_device_info *info)
{
    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(device, &memory);
    for (uint32_t i = 0; i < memory.memoryHeapCount; i++)
        if ((memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) &&
            memory.memoryHeaps[i].size > info->device_memory)
            info->device_memory = memory.memoryHeaps[i].size;
    const VkMemoryPropertyFlags both =
        VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
    for (uint32_t i = 0; i < memory.memoryTypeCount; i++)
        if ((memory.memoryTypes[i].propertyFlags & both) == both &&
            memory.memoryHeaps[memory.memoryTypes[i].heapIndex].size == info->device_memory)
            info->unified_memory = true;
}

static void read_features(VkPhysicalDevice device, venn_device_info *info)
{
    VkPhysicalDeviceVulkan11Features v11 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v11};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                          .pNext = &v12};
    vkGetPhysicalDeviceFeatures2(device, &features);
    info->f16 = v12.shaderFloat16;
    info->int8 = v12.storageBuffer8BitAccess;
    info->half_storage = v11.storageBuffer16BitAccess;
    if (!v12.timelineSemaphore)
        snprintf(info->why_not, sizeof info->why_not, "it has no timeline semaphores");
}

static void read_queue(VkPhysicalDevice device, venn_device_info *info)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = 32;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families);
    for (uint32_t i = 0; i < count; i++)
        if (families[i].queueFlags & VK_QUEUE_COMPUTE_BIT) {
            info->timestamps = families[i].timestampValidBits > 0;
            return;
        }
    snprintf(info->why_not, sizeof info->why_not, "it has no compute queue");
}

void venn_describe_device(VkPhysicalDevice device, venn_device_info *info)
{
    VkPhysicalDeviceSubgroupProperties subgroup = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES};
    VkPhysicalDeviceDriverProperties driver = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES, .pNext = &subgroup};
    VkPhysicalDeviceIDProperties id = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES,
                                       .pNext = &driver};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &id};
    VkPhysicalDeviceProperties *p = &properties.properties;
    vkGetPhysicalDeviceProperties(device, p);
    *info = (venn_device_info){.kind = kind_of(p->deviceType),
                               .vendor_id = p->vendorID,
                               .device_id = p->deviceID,
                               .driver_version = p->driverVersion,
                               .api_version = p->apiVersion};
    snprintf(info->name, sizeof info->name, "%s", p->deviceName);
    if (p->apiVersion < VK_API_VERSION_1_2) {
        snprintf(info->why_not, sizeof info->why_not, "it has Vulkan %u.%u, venn needs 1.2",
                 VK_API_VERSION_MAJOR(p->apiVersion), VK_API_VERSION_MINOR(p->apiVersion));
        return;
    }
    vkGetPhysicalDeviceProperties2(device, &properties);
    snprintf(info->driver, sizeof info->driver, "%s %s", driver.driverName, driver.driverInfo);
    info->driver_id = driver.driverID;
    memcpy(info->uuid, id.deviceUUID, 16);
    uuid_text(info->uuid, info->uuid_text);
    info->subgroup_size = subgroup.subgroupSize;
    info->max_workgroup_size = p->limits.maxComputeWorkGroupInvocations;
    if (p->limits.maxComputeWorkGroupSize[0] < info->max_workgroup_size)
        info->max_workgroup_size = p->limits.maxComputeWorkGroupSize[0];
    info->shared_memory = p->limits.maxComputeSharedMemorySize;
    info->max_storage_range = p->limits.maxStorageBufferRange;
    info->max_texel_elements = p->limits.maxTexelBufferElements;
    info->timestamp_period = p->limits.timestampPeriod;
    read_pci(device, info);
    read_memory(device, info);
    read_features(device, info);
    read_queue(device, info);
    info->usable = info->why_not[0] == 0;
}

// Discrete before integrated before virtual before software; the loader's order within a kind.
static void sort(VkPhysicalDevice *handles, venn_device_info *infos, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = i; k > 0 && infos[k].kind < infos[k - 1].kind; k--) {
            venn_device_info info = infos[k];
            VkPhysicalDevice handle = handles[k];
            infos[k] = infos[k - 1], infos[k - 1] = info;
            handles[k] = handles[k - 1], handles[k - 1] = handle;
        }
    for (size_t i = 0; i < count; i++)
        infos[i].index = (int)i;
}

venn_status venn_enumerate(venn_instance *instance, VkPhysicalDevice **handles,
                           venn_device_info **infos, size_t *count)
{
    uint32_t n = 0;
    VkResult result = vkEnumeratePhysicalDevices(instance->handle, &n, NULL);
    if (result < 0)
        n = 0;
    *handles = venn_alloc(n, sizeof **handles);
    *infos = venn_alloc(n, sizeof **infos);
    if (!*handles || !*infos) {
        free(*handles);
        free(*infos);
        return VENN_NO_MEMORY;
    }
    if (n && vkEnumeratePhysicalDevices(instance->handle, &n, *handles) < 0)
        n = 0;
    for (uint32_t i = 0; i < n; i++)
        venn_describe_device((*handles)[i], &(*infos)[i]);
    sort(*handles, *infos, n);
    *count = n;
    return VENN_OK;
}

venn_status venn_device_list(venn_device_info **list, size_t *count)
{
    venn_instance instance;
    VENN_TRY(venn_instance_create(&instance, VENN_VALIDATE_NOTHING, false));
    VkPhysicalDevice *handles = NULL;
    venn_status status = venn_enumerate(&instance, &handles, list, count);
    if (status == VENN_OK)
        free(handles);
    venn_instance_finish(&instance);
    return status;
}

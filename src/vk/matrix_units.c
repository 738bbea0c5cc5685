// Cooperative matrices of a physical device: which extension, and which of the shapes that it offers.
#include <stdlib.h>
#include <string.h>

#include "vk/cooperative_matrix_khr.h"
#include "vk/vk_internal.h"

_Static_assert(sizeof(VkPhysicalDeviceCooperativeMatrixFeaturesKHR) <= sizeof(venn_matrix_feature),
               "room for it");
_Static_assert(sizeof(VkPhysicalDeviceCooperativeMatrixFeaturesNV) <= sizeof(venn_matrix_feature),
               "room for it");

// ---- Choice ----------------------------------------------------------------------------------

static bool fits(uint32_t side)
{
    return side == 8 || side == 16 || side == 32;
}

static bool usable(const venn_matrix_shape *s)
{
    return s->a == VK_COMPONENT_TYPE_FLOAT16_KHR && s->b == VK_COMPONENT_TYPE_FLOAT16_KHR &&
           s->c == VK_COMPONENT_TYPE_FLOAT32_KHR && s->result == VK_COMPONENT_TYPE_FLOAT32_KHR &&
           s->scope == VK_SCOPE_SUBGROUP_KHR && !s->saturating && fits(s->m) && fits(s->n) &&
           fits(s->k);
}

// Squares of 16 are what most units multiply at once; else the driver's own order counts.
static bool preferred(const venn_matrix_shape *s)
{
    return s->m == 16 && s->n == 16 && s->k == 16;
}

bool venn_matrix_choose(const venn_matrix_shape *shapes, uint32_t n, venn_matrix_units *units)
{
    const venn_matrix_shape *best = NULL;
    for (uint32_t i = 0; i < n; i++)
        if (usable(&shapes[i]) && (!best || (preferred(&shapes[i]) && !preferred(best))))
            best = &shapes[i];
    if (!best)
        return false;
    units->m = best->m;
    units->n = best->n;
    units->k = best->k;
    return true;
}

// ---- Drivers ---------------------------------------------------------------------------------

enum { MOST_SHAPES = 256 };

static uint32_t read_khr(const venn_device *device, venn_matrix_shape *shapes)
{
    const PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR get =
        (PFN_vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR)vkGetInstanceProcAddr(
            device->instance.handle, "vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR");
    static const VkCooperativeMatrixPropertiesKHR empty = {
        .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR};
    VkCooperativeMatrixPropertiesKHR *list = venn_alloc(MOST_SHAPES, sizeof *list);
    uint32_t n = list && get ? MOST_SHAPES : 0;
    for (uint32_t i = 0; i < n; i++)
        list[i] = empty;
    if (n && get(device->physical, &n, list) < 0)
        n = 0;
    for (uint32_t i = 0; i < n; i++)
        shapes[i] = (venn_matrix_shape){list[i].MSize,
                                        list[i].NSize,
                                        list[i].KSize,
                                        (uint32_t)list[i].AType,
                                        (uint32_t)list[i].BType,
                                        (uint32_t)list[i].CType,
                                        (uint32_t)list[i].ResultType,
                                        (uint32_t)list[i].scope,
                                        list[i].saturatingAccumulation};
    free(list);
    return n;
}

static uint32_t read_nv(const venn_device *device, venn_matrix_shape *shapes)
{
    static const VkCooperativeMatrixPropertiesNV empty = {
        .sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_NV};
    VkCooperativeMatrixPropertiesNV *list = venn_alloc(MOST_SHAPES, sizeof *list);
    uint32_t n = list && vkGetPhysicalDeviceCooperativeMatrixPropertiesNV ? MOST_SHAPES : 0;
    for (uint32_t i = 0; i < n; i++)
        list[i] = empty;
    if (n && vkGetPhysicalDeviceCooperativeMatrixPropertiesNV(device->physical, &n, list) < 0)
        n = 0;
    for (uint32_t i = 0; i < n; i++)
        shapes[i] = (venn_matrix_shape){
            list[i].MSize,           list[i].NSize,           list[i].KSize,
            (uint32_t)list[i].AType, (uint32_t)list[i].BType, (uint32_t)list[i].CType,
            (uint32_t)list[i].DType, (uint32_t)list[i].scope, false};
    free(list);
    return n;
}

// What kernels need beside the extension itself.
static bool has_features(const venn_device *device, venn_matrix_api api)
{
    venn_matrix_feature own;
    const venn_matrix_units units = {.api = api};
    VkPhysicalDeviceVulkan12Features v12 = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .pNext = venn_matrix_enable(&units, &own, NULL)};
    VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                          .pNext = &v12};
    vkGetPhysicalDeviceFeatures2(device->physical, &features);
    // Both structures begin with the feature that counts.
    VkBool32 matrices;
    memcpy(&matrices, (const char *)&own + sizeof(VkBaseOutStructure), sizeof matrices);
    return matrices && v12.shaderFloat16 && v12.vulkanMemoryModel;
}

static bool in_compute(const venn_device *device, venn_matrix_api api)
{
    // Both structures are the same but for their type.
    VkPhysicalDeviceCooperativeMatrixPropertiesNV own = {
        .sType = api == VENN_MATRIX_KHR
                     ? VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_PROPERTIES_KHR
                     : VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_PROPERTIES_NV};
    VkPhysicalDeviceProperties2 properties = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, .pNext = &own};
    vkGetPhysicalDeviceProperties2(device->physical, &properties);
    return own.cooperativeMatrixSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT;
}

const char *venn_matrix_extension(const venn_matrix_units *units)
{
    return units->api == VENN_MATRIX_KHR ? VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME
                                         : VK_NV_COOPERATIVE_MATRIX_EXTENSION_NAME;
}

void *venn_matrix_enable(const venn_matrix_units *units, venn_matrix_feature *feature, void *next)
{
    if (!units->api)
        return next;
    VkPhysicalDeviceCooperativeMatrixFeaturesKHR khr = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
        .pNext = next,
        .cooperativeMatrix = VK_TRUE};
    VkPhysicalDeviceCooperativeMatrixFeaturesNV nv = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_NV,
        .pNext = next,
        .cooperativeMatrix = VK_TRUE};
    memset(feature, 0, sizeof *feature);
    if (units->api == VENN_MATRIX_KHR)
        memcpy(feature, &khr, sizeof khr);
    else
        memcpy(feature, &nv, sizeof nv);
    return feature;
}

// Kernels are in the library where the compiler of shaders knows the extension.
static const char *no_kernel(venn_matrix_api api)
{
#ifndef VENN_HAS_COOP_KHR
    if (api == VENN_MATRIX_KHR)
        return "the driver has VK_KHR_cooperative_matrix, this build no kernel for it (CMake: "
               "VENN_GLSLANG)";
#endif
#ifndef VENN_HAS_COOP_NV
    if (api == VENN_MATRIX_NV)
        return "the driver has VK_NV_cooperative_matrix, this build no kernel for it (glslc)";
#endif
    (void)api;
    return NULL;
}

void venn_matrix_read(venn_device *device)
{
    venn_matrix_units *units = &device->limits.matrix;
    venn_matrix_shape shapes[MOST_SHAPES];
    *units = (venn_matrix_units){.why_not = "the driver does not have them"};
    for (int api = VENN_MATRIX_KHR; api <= VENN_MATRIX_NV && !units->api; api++) {
        const venn_matrix_units candidate = {.api = (venn_matrix_api)api};
        if (!venn_has_device_extension(device->physical, venn_matrix_extension(&candidate)))
            continue;
        const uint32_t n =
            api == VENN_MATRIX_KHR ? read_khr(device, shapes) : read_nv(device, shapes);
        if (no_kernel(candidate.api))
            units->why_not = no_kernel(candidate.api);
        else if (!has_features(device, candidate.api) || !in_compute(device, candidate.api))
            units->why_not = "the driver has them without what venn's kernels need beside";
        else if (!venn_matrix_choose(shapes, n, units))
            units->why_not = "the driver has no shape of f16 times f16 plus f32 for subgroups";
        else
            units->api = candidate.api;
    }
}

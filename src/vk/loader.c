// The Vulkan loader and instance. The loader library is opened at run time, so that a machine without
// it gets an error instead of a program that does not start. volk's global functions are those of the loader,
// which serve every instance: they are filled in once, as other threads may be using them.
#include <stdlib.h>
#include <string.h>

#define VOLK_IMPLEMENTATION
#include "vk/vk_internal.h"

static pthread_mutex_t loader_lock = PTHREAD_MUTEX_INITIALIZER;

static venn_status open_loader(void)
{
    static bool is_open;
    pthread_mutex_lock(&loader_lock);
    VkResult result = is_open ? VK_SUCCESS : volkInitialize();
    is_open = result == VK_SUCCESS;
    pthread_mutex_unlock(&loader_lock);
    if (result != VK_SUCCESS)
        return venn_fail(VENN_NO_DEVICE,
                         "no Vulkan loader (libvulkan.so.1): install libvulkan1 and a "
                         "driver, e.g. mesa-vulkan-drivers");
    if (volkGetInstanceVersion() < VK_API_VERSION_1_2)
        return venn_fail(VENN_NO_DEVICE, "the Vulkan loader is older than 1.2: update libvulkan1");
    return VENN_OK;
}

static VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT severity,
                                                 VkDebugUtilsMessageTypeFlagsEXT type,
                                                 const VkDebugUtilsMessengerCallbackDataEXT *data,
                                                 void *user)
{
    (void)severity, (void)type;
    venn_instance *instance = user;
    atomic_fetch_add(&instance->messages, 1);
    venn_log_line(VENN_LOG_ERROR, "validation: %s", data->pMessage);
    if (instance->abort_on_message)
        abort();
    return VK_FALSE;
}

static const VkDebugUtilsMessengerCreateInfoEXT messenger_info = {
    .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT,
    .messageSeverity = VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT |
                       VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT,
    .messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT,
    .pfnUserCallback = on_message,
};

static bool has_extension(const char *layer, const char *name)
{
    VkExtensionProperties list[128];
    uint32_t count = 128;
    if (vkEnumerateInstanceExtensionProperties(layer, &count, list) < 0)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].extensionName, name) == 0)
            return true;
    return false;
}

static bool has_layer(const char *name)
{
    VkLayerProperties list[64];
    uint32_t count = 64;
    if (vkEnumerateInstanceLayerProperties(&count, list) < 0)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(list[i].layerName, name) == 0)
            return true;
    return false;
}

static venn_status create_handle(venn_instance *instance, venn_validation validate)
{
    static const char *const layer = "VK_LAYER_KHRONOS_validation";
    if (validate && !has_layer(layer))
        return venn_fail(VENN_NO_DEVICE,
                         "validation was asked for but %s is not installed: install "
                         "vulkan-validationlayers or unset VENN_VALIDATE",
                         layer);
    const char *extensions[4];
    uint32_t n = 0;
    instance->debug_utils = has_extension(NULL, VK_EXT_DEBUG_UTILS_EXTENSION_NAME) ||
                            (validate && has_extension(layer, VK_EXT_DEBUG_UTILS_EXTENSION_NAME));
    if (instance->debug_utils)
        extensions[n++] = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    // Without this extension a loader hides drivers that are not fully conformant (MoltenVK).
    bool portability = has_extension(NULL, VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME);
    if (portability)
        extensions[n++] = VK_KHR_PORTABILITY_ENUMERATION_EXTENSION_NAME;
    if (validate)
        extensions[n++] = VK_EXT_VALIDATION_FEATURES_EXTENSION_NAME;

    VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info;
    messenger.pUserData = instance;
    static const VkValidationFeatureEnableEXT calls[] = {
        VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT};
    // Its own descriptors take a binding that kernels then cannot have.
    static const VkValidationFeatureEnableEXT kernels[] = {
        VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_EXT,
        VK_VALIDATION_FEATURE_ENABLE_GPU_ASSISTED_RESERVE_BINDING_SLOT_EXT};
    const bool of_kernels = validate == VENN_VALIDATE_KERNELS;
    VkValidationFeaturesEXT features = {
        .sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT,
        .pNext = &messenger,
        .enabledValidationFeatureCount = of_kernels ? 2 : 1,
        .pEnabledValidationFeatures = of_kernels ? kernels : calls,
    };
    VkApplicationInfo app = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                             .pApplicationName = "venn",
                             .pEngineName = "venn",
                             .apiVersion = VK_API_VERSION_1_2};
    VkInstanceCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
        .pNext = validate ? &features : NULL,
        .flags = portability ? VK_INSTANCE_CREATE_ENUMERATE_PORTABILITY_BIT_KHR : 0,
        .pApplicationInfo = &app,
        .enabledLayerCount = validate ? 1 : 0,
        .ppEnabledLayerNames = &layer,
        .enabledExtensionCount = n,
        .ppEnabledExtensionNames = extensions,
    };
    VkResult result = vkCreateInstance(&info, NULL, &instance->handle);
    if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
        return venn_fail(VENN_NO_DEVICE,
                         "no Vulkan driver is installed: install the GPU's driver, or "
                         "mesa-vulkan-drivers for software Vulkan");
    if (result < 0)
        return venn_fail(VENN_NO_DEVICE, "vkCreateInstance failed (VkResult %d)", result);
    return VENN_OK;
}

static void load_functions(VkInstance handle)
{
    pthread_mutex_lock(&loader_lock);
    if (!volkGetLoadedInstance())
        volkLoadInstanceOnly(handle);
    pthread_mutex_unlock(&loader_lock);
}

static void load_debug_utils(venn_instance *i)
{
#define LOAD(field, name) i->field = (PFN_##name)vkGetInstanceProcAddr(i->handle, #name)
    LOAD(create_messenger, vkCreateDebugUtilsMessengerEXT);
    LOAD(destroy_messenger, vkDestroyDebugUtilsMessengerEXT);
    LOAD(set_name, vkSetDebugUtilsObjectNameEXT);
    LOAD(begin_label, vkCmdBeginDebugUtilsLabelEXT);
    LOAD(end_label, vkCmdEndDebugUtilsLabelEXT);
#undef LOAD
}

venn_status venn_instance_create(venn_instance *instance, venn_validation validate,
                                 bool abort_on_message)
{
    *instance = (venn_instance){.abort_on_message = abort_on_message};
    VENN_TRY(open_loader());
    VENN_TRY(create_handle(instance, validate));
    load_functions(instance->handle);
    if (instance->debug_utils)
        load_debug_utils(instance);
    if (validate) {
        VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info;
        messenger.pUserData = instance;
        VkResult result =
            instance->create_messenger(instance->handle, &messenger, NULL, &instance->messenger);
        if (result < 0) {
            venn_instance_finish(instance);
            return venn_fail(VENN_NO_DEVICE, "vkCreateDebugUtilsMessengerEXT failed (VkResult %d)",
                             result);
        }
    }
    return VENN_OK;
}

venn_status venn_instance_adopt(venn_instance *instance, VkInstance handle)
{
    *instance = (venn_instance){.handle = handle, .adopted = true};
    VENN_TRY(open_loader());
    load_functions(handle);
    return VENN_OK;
}

void venn_instance_finish(venn_instance *instance)
{
    if (instance->adopted)
        return;
    if (instance->messenger)
        instance->destroy_messenger(instance->handle, instance->messenger, NULL);
    if (instance->handle)
        vkDestroyInstance(instance->handle, NULL);
    instance->messenger = VK_NULL_HANDLE;
    instance->handle = VK_NULL_HANDLE;
}

void venn_debug_name(venn_device *device, VkObjectType type, uint64_t handle, const char *name)
{
    if (!device->instance.debug_utils || !name)
        return;
    VkDebugUtilsObjectNameInfoEXT info = {
        .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
        .objectType = type,
        .objectHandle = handle,
        .pObjectName = name,
    };
    device->instance.set_name(device->handle, &info);
}

// A program that links the Vulkan loader itself as well as venn: its calls must reach the loader.
#include <stdio.h>
#include <vulkan/vulkan.h>

#include "venn/venn.h"

int main(void)
{
    uint32_t version = 0;
    if (vkEnumerateInstanceVersion(&version) != VK_SUCCESS)
        return 1;
    printf("Vulkan %u.%u beside venn %s\n", VK_API_VERSION_MAJOR(version),
           VK_API_VERSION_MINOR(version), venn_version());
    venn_device_params params = {0};
    venn_device *device = NULL;
    if (venn_device_create(&device, &params) < 0) {
        fprintf(stderr, "%s\n", venn_error_message());
        return 1;
    }
    venn_device_destroy(&device);
    return vkEnumerateInstanceVersion(&version) != VK_SUCCESS;
}

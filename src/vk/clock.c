// The device's clock beside the host's.
#include "vk/vk_internal.h"

static bool has_domain(const VkTimeDomainEXT *domains, uint32_t n, VkTimeDomainEXT wanted)
{
    for (uint32_t i = 0; i < n; i++)
        if (domains[i] == wanted)
            return true;
    return false;
}

bool venn_clocks_supported(VkPhysicalDevice physical)
{
    VkTimeDomainEXT domains[16];
    uint32_t n = sizeof domains / sizeof *domains;
    if (vkGetPhysicalDeviceCalibrateableTimeDomainsEXT(physical, &n, domains) < 0)
        return false;
    return has_domain(domains, n, VK_TIME_DOMAIN_DEVICE_EXT) &&
           has_domain(domains, n, VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT);
}

uint64_t venn_device_nanoseconds(const venn_device *device, uint64_t ticks)
{
    const uint64_t mask =
        device->timestamp_bits >= 64 ? UINT64_MAX : ((uint64_t)1 << device->timestamp_bits) - 1;
    return (uint64_t)((double)(ticks & mask) * device->info.timestamp_period);
}

bool venn_device_clocks(venn_device *device, uint64_t *device_ns, uint64_t *host_ns)
{
    const VkCalibratedTimestampInfoEXT clocks[] = {
        {.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT,
         .timeDomain = VK_TIME_DOMAIN_DEVICE_EXT},
        {.sType = VK_STRUCTURE_TYPE_CALIBRATED_TIMESTAMP_INFO_EXT,
         .timeDomain = VK_TIME_DOMAIN_CLOCK_MONOTONIC_EXT}};
    uint64_t now[2], deviation;
    if (!device->calibrated ||
        device->vk.vkGetCalibratedTimestampsEXT(device->handle, 2, clocks, now, &deviation) < 0)
        return false;
    *device_ns = venn_device_nanoseconds(device, now[0]);
    *host_ns = now[1];
    return true;
}

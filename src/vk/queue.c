// The queue: one timeline semaphore per device counts submissions; a ticket is its value.
#include "vk/command.h"

venn_status venn_queue_submit(venn_device *device, venn_commands *const *lists, uint32_t n,
                              uint64_t *ticket)
{
    VkCommandBuffer handles[VENN_MAX_LISTS];
    if (n > VENN_MAX_LISTS)
        return venn_fail(VENN_BAD_ARG, "%u command lists in one submission, at most %d", n,
                         VENN_MAX_LISTS);
    for (uint32_t i = 0; i < n; i++)
        handles[i] = lists[i]->handle;
    pthread_mutex_lock(&device->lock);
    uint64_t value = device->ticket + 1;
    VkTimelineSemaphoreSubmitInfo timeline = {.sType =
                                                  VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
                                              .signalSemaphoreValueCount = 1,
                                              .pSignalSemaphoreValues = &value};
    VkSubmitInfo submit = {.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                           .pNext = &timeline,
                           .commandBufferCount = n,
                           .pCommandBuffers = handles,
                           .signalSemaphoreCount = 1,
                           .pSignalSemaphores = &device->timeline};
    if (device->lock_queue)
        device->lock_queue(device->lock_user);
    VkResult result = device->vk.vkQueueSubmit(device->queue, 1, &submit, VK_NULL_HANDLE);
    if (device->unlock_queue)
        device->unlock_queue(device->lock_user);
    if (result == VK_SUCCESS)
        device->ticket = value;
    pthread_mutex_unlock(&device->lock);
    if (result < 0)
        return venn_vk_fail(device, result, "vkQueueSubmit");
    atomic_fetch_add(&device->submissions, 1);
    *ticket = value;
    return VENN_OK;
}

venn_status venn_queue_wait(venn_device *device, uint64_t ticket)
{
    if (ticket == 0)
        return VENN_OK;
    VkSemaphoreWaitInfo info = {.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                .semaphoreCount = 1,
                                .pSemaphores = &device->timeline,
                                .pValues = &ticket};
    VK(device, vkWaitSemaphores(device->handle, &info, UINT64_MAX));
    return VENN_OK;
}

// venn in a program that has a Vulkan device: it trains on the program's device and queue, and the program's
// own commands then fetch the weights from where venn has them, ordered by venn's timeline semaphore.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <venn/venn.h>
#include <venn/vulkan.h>

#define VK(call)                                                                                   \
    do {                                                                                           \
        const VkResult result_ = (call);                                                           \
        if (result_ != VK_SUCCESS) {                                                               \
            fprintf(stderr, "%s: VkResult %d\n", #call, result_);                                  \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

#define VENN(call)                                                                                 \
    do {                                                                                           \
        if ((call) < 0) {                                                                          \
            fprintf(stderr, "%s\n", venn_error_message());                                         \
            exit(1);                                                                               \
        }                                                                                          \
    } while (0)

// ---- What the program has anyway -------------------------------------------------------------

typedef struct host {
    VkInstance instance;
    VkPhysicalDevice physical;
    VkDevice device;
    VkQueue queue;
    uint32_t family;
} host;

static void make_instance(host *h)
{
    const VkApplicationInfo app = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO,
                                   .pApplicationName = "host",
                                   .apiVersion = VK_API_VERSION_1_2};
    VK(vkCreateInstance(&(VkInstanceCreateInfo){.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO,
                                                .pApplicationInfo = &app},
                        NULL, &h->instance));
    uint32_t one = 1;
    const VkResult result = vkEnumeratePhysicalDevices(h->instance, &one, &h->physical);
    if (one == 0 || result < 0) {
        fprintf(stderr, "no Vulkan device\n");
        exit(1);
    }
}

static void make_device(host *h)
{
    VkQueueFamilyProperties families[16];
    uint32_t n = 16;
    vkGetPhysicalDeviceQueueFamilyProperties(h->physical, &n, families);
    while (h->family + 1 < n && !(families[h->family].queueFlags & VK_QUEUE_COMPUTE_BIT))
        h->family++;
    const VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                           .queueFamilyIndex = h->family,
                                           .queueCount = 1,
                                           .pQueuePriorities = &(float){1}};
    // All that venn asks of the device.
    const VkPhysicalDeviceVulkan12Features features = {
        .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
        .timelineSemaphore = VK_TRUE};
    VK(vkCreateDevice(h->physical,
                      &(VkDeviceCreateInfo){.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                            .pNext = &features,
                                            .queueCreateInfoCount = 1,
                                            .pQueueCreateInfos = &queue},
                      NULL, &h->device));
    vkGetDeviceQueue(h->device, h->family, 0, &h->queue);
}

static uint32_t find_host_memory(const host *h, uint32_t types)
{
    const VkMemoryPropertyFlags wanted =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VkPhysicalDeviceMemoryProperties memory;
    vkGetPhysicalDeviceMemoryProperties(h->physical, &memory);
    for (uint32_t i = 0; i < memory.memoryTypeCount; i++)
        if (types >> i & 1 && (memory.memoryTypes[i].propertyFlags & wanted) == wanted)
            return i;
    fprintf(stderr, "no memory that the host can map\n");
    exit(1);
}

typedef struct host_buffer {
    VkBuffer buffer;
    VkDeviceMemory memory;
    void *data;
} host_buffer;

static host_buffer make_buffer(const host *h, VkDeviceSize size)
{
    host_buffer b;
    VK(vkCreateBuffer(h->device,
                      &(VkBufferCreateInfo){.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO,
                                            .size = size,
                                            .usage = VK_BUFFER_USAGE_TRANSFER_DST_BIT},
                      NULL, &b.buffer));
    VkMemoryRequirements needs;
    vkGetBufferMemoryRequirements(h->device, b.buffer, &needs);
    VK(vkAllocateMemory(
        h->device,
        &(VkMemoryAllocateInfo){.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                .allocationSize = needs.size,
                                .memoryTypeIndex = find_host_memory(h, needs.memoryTypeBits)},
        NULL, &b.memory));
    VK(vkBindBufferMemory(h->device, b.buffer, b.memory, 0));
    VK(vkMapMemory(h->device, b.memory, 0, VK_WHOLE_SIZE, 0, &b.data));
    return b;
}

static VkCommandBuffer record_copy(const host *h, VkCommandPool pool,
                                   const venn_vulkan_buffer *from, VkBuffer to)
{
    VkCommandBuffer commands;
    VK(vkAllocateCommandBuffers(
        h->device,
        &(VkCommandBufferAllocateInfo){.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                       .commandPool = pool,
                                       .commandBufferCount = 1},
        &commands));
    VK(vkBeginCommandBuffer(commands, &(VkCommandBufferBeginInfo){
                                          .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO}));
    vkCmdCopyBuffer(commands, from->buffer, to, 1,
                    &(VkBufferCopy){.srcOffset = from->offset, .size = from->size});
    const VkMemoryBarrier to_host = {.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER,
                                     .srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT,
                                     .dstAccessMask = VK_ACCESS_HOST_READ_BIT};
    vkCmdPipelineBarrier(commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT, 0, 1,
                         &to_host, 0, NULL, 0, NULL);
    VK(vkEndCommandBuffer(commands));
    return commands;
}

// A submission of the program's own, on the queue that it shares with venn.
static void fetch(const host *h, VkSemaphore timeline, uint64_t ticket,
                  const venn_vulkan_buffer *from, float *to)
{
    host_buffer staging = make_buffer(h, from->size);
    VkCommandPool pool;
    VkFence fence;
    VK(vkCreateCommandPool(
        h->device,
        &(VkCommandPoolCreateInfo){.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                   .queueFamilyIndex = h->family},
        NULL, &pool));
    VK(vkCreateFence(h->device, &(VkFenceCreateInfo){.sType = VK_STRUCTURE_TYPE_FENCE_CREATE_INFO},
                     NULL, &fence));
    const VkCommandBuffer commands = record_copy(h, pool, from, staging.buffer);
    const VkTimelineSemaphoreSubmitInfo values = {
        .sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO,
        .waitSemaphoreValueCount = 1,
        .pWaitSemaphoreValues = &ticket};
    VK(vkQueueSubmit(h->queue, 1,
                     &(VkSubmitInfo){.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO,
                                     .pNext = &values,
                                     .waitSemaphoreCount = 1,
                                     .pWaitSemaphores = &timeline,
                                     .pWaitDstStageMask =
                                         &(VkPipelineStageFlags){VK_PIPELINE_STAGE_TRANSFER_BIT},
                                     .commandBufferCount = 1,
                                     .pCommandBuffers = &commands},
                     fence));
    VK(vkWaitForFences(h->device, 1, &fence, VK_TRUE, UINT64_MAX));
    memcpy(to, staging.data, from->size);
    vkDestroyFence(h->device, fence, NULL);
    vkDestroyCommandPool(h->device, pool, NULL);
    vkDestroyBuffer(h->device, staging.buffer, NULL);
    vkFreeMemory(h->device, staging.memory, NULL);
}

// ---- What venn does on it --------------------------------------------------------------------

enum { POINTS = 64, STEPS = 300 };

// Fits y = a x + b to points on the line y = 3 x - 1, step by step, and returns the last step's ticket.
static uint64_t fit_line(venn_device *device, venn_var *a, venn_var *b)
{
    venn_graph *g = NULL;
    venn_optim *optim = NULL;
    venn_program *program = NULL;
    const venn_optim_group group = {.vars = (venn_var *const[]){a, b}, .n = 2};
    VENN(venn_graph_create(&g));
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(POINTS));
    venn_tensor y = venn_graph_input(g, "y", VENN_F32, VENN_SHAPE(POINTS));
    venn_tensor line = venn_add(g, venn_mul(g, x, venn_graph_var(g, a)), venn_graph_var(g, b));
    VENN(venn_optim_create(&optim, device, &(venn_optim_params){.lr = 0.1, .momentum = 0.5f}, 1,
                           &group));
    VENN(venn_optim_minimize(optim, g, venn_mse(g, line, y, NULL)));
    VENN(venn_graph_compile(&program, g, device, NULL));
    uint64_t ticket = 0;
    for (int step = 0; step < STEPS; step++) {
        VENN(venn_program_begin(program));
        float *px = venn_program_input(program, "x", NULL),
              *py = venn_program_input(program, "y", NULL);
        for (int i = 0; i < POINTS; i++) {
            px[i] = -1 + 2.0f * (float)i / (POINTS - 1);
            py[i] = 3 * px[i] - 1;
        }
        VENN(venn_optim_feed(optim, program, 0));
        VENN(venn_program_submit(program, &ticket));
    }
    venn_program_destroy(&program);
    venn_optim_destroy(&optim);
    venn_graph_destroy(&g);
    return ticket;
}

int main(void)
{
    host h = {0};
    make_instance(&h);
    make_device(&h);
    venn_device *device = NULL;
    VENN(venn_device_adopt(&device, &(venn_vulkan_params){.instance = h.instance,
                                                          .physical_device = h.physical,
                                                          .device = h.device,
                                                          .queue = h.queue,
                                                          .queue_family = h.family}));
    venn_var *var[2] = {0};
    for (int i = 0; i < 2; i++)
        VENN(venn_var_create(&var[i], device, i ? "b" : "a", VENN_F32, VENN_SCALAR));
    const uint64_t ticket = fit_line(device, var[0], var[1]);
    float found[2];
    for (int i = 0; i < 2; i++) {
        venn_vulkan_buffer place;
        venn_var_vulkan(var[i], &place);
        fetch(&h, venn_vulkan_timeline(device), ticket, &place, &found[i]);
    }
    printf("y = %.3f x + %.3f, from %s\n", (double)found[0], (double)found[1],
           venn_device_get_info(device)->name);
    for (int i = 0; i < 2; i++)
        venn_var_destroy(&var[i]);
    venn_device_destroy(&device);
    // The device is still the program's.
    VK(vkDeviceWaitIdle(h.device));
    vkDestroyDevice(h.device, NULL);
    vkDestroyInstance(h.instance, NULL);
    return 0;
}

// Synchronous copies between host memory and device memory, through a staging buffer of bounded size.
// For variables, tests and inspection; training uses the programs' own staging slots.
#include <string.h>

#include "vk/vk_internal.h"

enum { CHUNK = 16 << 20 };

static venn_status copy_now(venn_device *device, venn_memory dst, venn_memory src, uint64_t bytes)
{
    venn_commands *list = NULL;
    uint64_t ticket = 0;
    VENN_TRY(venn_commands_create(device, "transfer", 0, &list));
    venn_commands_barrier(list);
    venn_commands_copy(list, dst, src, bytes);
    venn_commands_barrier(list);
    venn_status status = venn_commands_end(list);
    if (status == VENN_OK)
        status = venn_queue_submit(device, &list, 1, &ticket);
    if (status == VENN_OK)
        status = venn_queue_wait(device, ticket);
    venn_commands_destroy(&list);
    return status;
}

static venn_status transfer(venn_device *device, venn_memory memory, uint8_t *host, uint64_t bytes,
                            venn_memory_kind kind)
{
    venn_memory staging;
    if (bytes == 0)
        return VENN_OK;
    VENN_TRY(
        venn_memory_alloc(device, kind, bytes < CHUNK ? bytes : CHUNK, "a transfer", &staging));
    venn_status status = VENN_OK;
    for (uint64_t done = 0; done < bytes && status == VENN_OK; done += CHUNK) {
        uint64_t size = bytes - done < CHUNK ? bytes - done : CHUNK;
        venn_memory part = venn_memory_part(memory, done, size);
        if (kind == VENN_MEMORY_UPLOAD) {
            memcpy(staging.host, host + done, size);
            status = copy_now(device, part, staging, size);
        } else {
            status = copy_now(device, staging, part, size);
            if (status == VENN_OK)
                memcpy(host + done, staging.host, size);
        }
    }
    venn_memory_free(device, &staging);
    return status;
}

venn_status venn_memory_write(venn_device *device, venn_memory memory, const void *data,
                              uint64_t bytes)
{
    return transfer(device, memory, (uint8_t *)data, bytes, VENN_MEMORY_UPLOAD);
}

venn_status venn_memory_read(venn_device *device, venn_memory memory, void *data, uint64_t bytes)
{
    return transfer(device, memory, data, bytes, VENN_MEMORY_READBACK);
}

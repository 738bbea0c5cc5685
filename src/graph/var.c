// Variables: arrays on the device that outlive programs.
#include <stdlib.h>

#include "graph/graph_internal.h"

venn_status venn_var_create(venn_var **out, venn_device *device, const char *name, venn_dtype dtype,
                            venn_shape shape)
{
    *out = NULL;
    char text[VENN_SHAPE_TEXT_MAX];
    int64_t count = venn_shape_count(&shape);
    if (count < 0 || count > INT32_MAX)
        return venn_fail(VENN_BAD_SHAPE, "variable %s: %s is no valid shape", name ? name : "",
                         venn_shape_text(&shape, text, sizeof text));
    venn_var *var = VENN_NEW(venn_var);
    if (!var)
        return VENN_NO_MEMORY;
    *var = (venn_var){.device = device,
                      .name = venn_strdup(name ? name : "variable"),
                      .dtype = dtype,
                      .shape = shape,
                      .bytes = (size_t)count * venn_dtype_size(dtype)};
    venn_status status = var->name ? VENN_OK : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_memory_alloc(device, VENN_MEMORY_DEVICE, var->bytes, var->name, &var->memory);
    if (status == VENN_OK) {
        // Zero the padding as well: kernels may read whole groups of four.
        void *zeros = venn_alloc(1, var->memory.size);
        status = zeros ? venn_memory_write(device, var->memory, zeros, var->memory.size)
                       : VENN_NO_MEMORY;
        free(zeros);
    }
    if (status < 0) {
        venn_var_destroy(&var);
        return status;
    }
    *out = var;
    return VENN_OK;
}

static venn_status move(venn_var *var, venn_memory to)
{
    void *content = venn_alloc(1, var->memory.size);
    venn_status status =
        content ? venn_memory_read(var->device, var->memory, content, to.size) : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = venn_memory_write(var->device, to, content, to.size);
    free(content);
    if (status < 0) {
        venn_memory_free(var->device, &to);
        return status;
    }
    venn_memory_free(var->device, &var->memory);
    var->memory = to;
    return VENN_OK;
}

// Parts of what was allocated at once can be freed one by one.
venn_status venn_vars_gather(size_t n, venn_var *const *vars)
{
    uint64_t bytes = 0, offset = 0;
    bool gathered = true;
    for (size_t i = 0; i < n; i++) {
        gathered &= i == 0 || (vars[i]->memory.block == vars[0]->memory.block &&
                               vars[i]->memory.offset == vars[0]->memory.offset + bytes);
        bytes += vars[i]->memory.size;
    }
    venn_memory all;
    if (gathered ||
        venn_memory_alloc(vars[0]->device, VENN_MEMORY_DEVICE, bytes, "variables", &all) < 0)
        return VENN_OK;
    venn_status status = VENN_OK;
    for (size_t i = 0; i < n; i++) {
        venn_memory part = venn_memory_part(all, offset, vars[i]->memory.size);
        offset += part.size;
        if (status == VENN_OK)
            status = move(vars[i], part);
        else
            venn_memory_free(vars[i]->device, &part);
    }
    return status;
}

void venn_var_destroy(venn_var **handle)
{
    venn_var *var = *handle;
    if (!var)
        return;
    venn_memory_free(var->device, &var->memory);
    free(var->name);
    free(var);
    *handle = NULL;
}

const char *venn_var_name(const venn_var *var)
{
    return var->name;
}

venn_dtype venn_var_dtype(const venn_var *var)
{
    return var->dtype;
}

venn_shape venn_var_shape(const venn_var *var)
{
    return var->shape;
}

size_t venn_var_bytes(const venn_var *var)
{
    return var->bytes;
}

static venn_status check_size(const venn_var *var, size_t bytes)
{
    if (bytes != var->bytes)
        return venn_fail(VENN_BAD_ARG, "variable %s has %zu bytes, got %zu", var->name, var->bytes,
                         bytes);
    return VENN_OK;
}

venn_status venn_var_write(venn_var *var, const void *data, size_t bytes)
{
    VENN_TRY(check_size(var, bytes));
    return venn_memory_write(var->device, var->memory, data, bytes);
}

venn_status venn_var_read(const venn_var *var, void *data, size_t bytes)
{
    VENN_TRY(check_size(var, bytes));
    return venn_memory_read(var->device, var->memory, data, bytes);
}

void venn_var_vulkan(const venn_var *var, struct venn_vulkan_buffer *out)
{
    venn_memory_vulkan(venn_memory_part(var->memory, 0, var->bytes), out);
}

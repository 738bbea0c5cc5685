// The table of pipelines of one device.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/spirv_fold.h"
#include "kernel/spirv_table.h"

enum { MAX_SPEC = 12 };

typedef struct kernel_entry {
    struct kernel_entry *next;
    const venn_spirv *spirv;
    uint32_t spec[MAX_SPEC];
    uint32_t n_spec, storages, push_size;
    venn_pipeline *pipeline;
} kernel_entry;

struct venn_kernels {
    venn_device *device;
    venn_profile profile;
    venn_tuning tuning;
    pthread_mutex_t lock;
    kernel_entry *entries;
};

static void destroy_kernels(void *state)
{
    venn_kernels *kernels = state;
    while (kernels->entries) {
        kernel_entry *next = kernels->entries->next;
        venn_pipeline_destroy(kernels->device, &kernels->entries->pipeline);
        free(kernels->entries);
        kernels->entries = next;
    }
    pthread_mutex_destroy(&kernels->lock);
    venn_tuning_finish(&kernels->tuning);
    free(kernels);
}

venn_status venn_kernels_of(venn_device *device, venn_kernels **out)
{
    *out = venn_device_kernels(device);
    if (*out)
        return VENN_OK;
    venn_kernels *kernels = VENN_NEW(venn_kernels);
    if (!kernels)
        return VENN_NO_MEMORY;
    kernels->device = device;
    pthread_mutex_init(&kernels->lock, NULL);
    venn_profile_read(device, &kernels->profile);
    venn_status status =
        venn_profile_restrict(&kernels->profile, device, getenv("VENN_FAKE_LIMITS"));
    if (status == VENN_OK)
        status = venn_tuning_load(&kernels->tuning, device, &kernels->profile);
    if (status < 0) {
        destroy_kernels(kernels);
        return status;
    }
    venn_device_set_kernels(device, kernels, destroy_kernels);
    *out = kernels;
    return VENN_OK;
}

const venn_profile *venn_kernels_profile(const venn_kernels *kernels)
{
    return &kernels->profile;
}

venn_profile *venn_kernels_tune(venn_kernels *kernels)
{
    return &kernels->profile;
}

static const venn_spirv *find_spirv(const char *name)
{
    for (const venn_spirv *spirv = venn_spirv_table; spirv->name; spirv++)
        if (strcmp(spirv->name, name) == 0)
            return spirv;
    return NULL;
}

static venn_status add_entry(venn_kernels *kernels, const venn_spirv *spirv,
                             const venn_kernel_key *key, kernel_entry **out)
{
    kernel_entry *entry = VENN_NEW(kernel_entry);
    if (!entry)
        return VENN_NO_MEMORY;
    *entry = (kernel_entry){.spirv = spirv,
                            .n_spec = key->n_spec,
                            .storages = key->storages,
                            .push_size = key->push_size};
    memcpy(entry->spec, key->spec, key->n_spec * sizeof *key->spec);
    venn_pipeline_desc desc = {.name = spirv->name,
                               .code = spirv->code,
                               .code_size = spirv->size,
                               .storages = key->storages,
                               .spec = entry->spec,
                               .n_spec = key->n_spec,
                               .push_size = key->push_size};
    uint32_t *folded = NULL;
    venn_status status = venn_spirv_bindings(spirv, &desc);
    if (status == VENN_OK)
        status = venn_spirv_fold(spirv, key, &folded, &desc.code_size);
    if (folded)
        desc.code = folded;
    // Of known length, loops are unrolled by SwiftShader's optimizer: of argmax's it never comes back.
    if (folded && venn_device_limits(kernels->device)->driver == VENN_DRIVER_SWIFTSHADER)
        venn_spirv_keep_loops(folded, desc.code_size);
    if (status == VENN_OK)
        status = venn_pipeline_create(kernels->device, &desc, &entry->pipeline);
    free(folded);
    if (status < 0) {
        free(entry);
        return status;
    }
    entry->next = kernels->entries;
    kernels->entries = entry;
    *out = entry;
    return VENN_OK;
}

static bool matches(const kernel_entry *entry, const venn_spirv *spirv, const venn_kernel_key *key)
{
    return entry->spirv == spirv && entry->n_spec == key->n_spec &&
           entry->storages == key->storages && entry->push_size == key->push_size &&
           memcmp(entry->spec, key->spec, key->n_spec * sizeof *key->spec) == 0;
}

venn_status venn_kernel_pipeline(venn_kernels *kernels, const char *name,
                                 const venn_kernel_key *key, const venn_pipeline **out)
{
    const venn_spirv *spirv = find_spirv(name);
    if (!spirv)
        return venn_fail(VENN_UNSUPPORTED, "kernel %s is not in this build", name);
    if (key->n_spec > MAX_SPEC)
        return venn_fail(VENN_BAD_ARG, "kernel %s: %u specialization constants, at most %d", name,
                         key->n_spec, MAX_SPEC);
    pthread_mutex_lock(&kernels->lock);
    kernel_entry *entry = kernels->entries;
    while (entry && !matches(entry, spirv, key))
        entry = entry->next;
    venn_status status = VENN_OK;
    if (!entry)
        status = add_entry(kernels, spirv, key, &entry);
    pthread_mutex_unlock(&kernels->lock);
    if (status == VENN_OK)
        *out = entry->pipeline;
    return status;
}

venn_hash venn_kernels_hash(void)
{
    venn_hash hash = {0, 0};
    for (const venn_spirv *spirv = venn_spirv_table; spirv->name; spirv++)
        hash = venn_hash_join(hash, venn_hash_bytes(spirv->code, spirv->size));
    return hash;
}

const char *venn_shader_hash(void)
{
    static _Thread_local char text[33];
    venn_hash_text(venn_kernels_hash(), text);
    return text;
}

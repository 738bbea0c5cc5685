// The table of pipelines of one device.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/glsl.h"
#include "kernel/kernel.h"
#include "kernel/spirv_fold.h"
#include "kernel/spirv_table.h"

enum { MAX_SPEC = VENN_KERNEL_SPEC };

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
    venn_made_kernel *made;
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
    while (kernels->made) {
        venn_made_kernel *next = kernels->made->next;
        venn_made_kernel_free(kernels->made);
        kernels->made = next;
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
    if (kernels->profile.matrix.api == VENN_MATRIX_KHR ||
        kernels->profile.matrix.api == VENN_MATRIX_NV)
        venn_matrix_settle(device, &kernels->profile);
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

static const venn_spirv *find_built(const char *name)
{
    for (const venn_spirv *spirv = venn_spirv_table; spirv->name; spirv++)
        if (strcmp(spirv->name, name) == 0)
            return spirv;
    return NULL;
}

// Made ones stay as long as the device, so the lock is not needed to use what was found.
static const venn_spirv *find_made(venn_kernels *kernels, const char *name)
{
    pthread_mutex_lock(&kernels->lock);
    const venn_made_kernel *made = kernels->made;
    while (made && strcmp(made->name, name) != 0)
        made = made->next;
    pthread_mutex_unlock(&kernels->lock);
    return made ? &made->spirv : NULL;
}

static const venn_spirv *find_spirv(venn_kernels *kernels, const char *name)
{
    const venn_spirv *built = find_built(name);
    return built ? built : find_made(kernels, name);
}

// Without the lock: several threads may be at it.
static venn_status make_entry(venn_kernels *kernels, const venn_spirv *spirv,
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
    *out = entry;
    return VENN_OK;
}

static bool matches(const kernel_entry *entry, const venn_spirv *spirv, const venn_kernel_key *key)
{
    return entry->spirv == spirv && entry->n_spec == key->n_spec &&
           entry->storages == key->storages && entry->push_size == key->push_size &&
           memcmp(entry->spec, key->spec, key->n_spec * sizeof *key->spec) == 0;
}

static kernel_entry *find_entry(venn_kernels *kernels, const venn_spirv *spirv,
                                const venn_kernel_key *key)
{
    pthread_mutex_lock(&kernels->lock);
    kernel_entry *entry = kernels->entries;
    while (entry && !matches(entry, spirv, key))
        entry = entry->next;
    pthread_mutex_unlock(&kernels->lock);
    return entry;
}

// Of two threads that made the same, the first one's is kept.
static kernel_entry *keep_entry(venn_kernels *kernels, const venn_spirv *spirv,
                                const venn_kernel_key *key, kernel_entry *made)
{
    pthread_mutex_lock(&kernels->lock);
    kernel_entry *entry = kernels->entries;
    while (entry && !matches(entry, spirv, key))
        entry = entry->next;
    if (!entry) {
        made->next = kernels->entries;
        kernels->entries = entry = made;
        made = NULL;
    }
    pthread_mutex_unlock(&kernels->lock);
    if (made) {
        venn_pipeline_destroy(kernels->device, &made->pipeline);
        free(made);
    }
    return entry;
}

venn_status venn_kernel_pipeline(venn_kernels *kernels, const char *name,
                                 const venn_kernel_key *key, const venn_pipeline **out)
{
    const venn_spirv *spirv = find_spirv(kernels, name);
    if (!spirv)
        return venn_fail(VENN_UNSUPPORTED, "kernel %s is not in this build", name);
    if (key->n_spec > MAX_SPEC)
        return venn_fail(VENN_BAD_ARG, "kernel %s: %u specialization constants, at most %d", name,
                         key->n_spec, MAX_SPEC);
    kernel_entry *entry = find_entry(kernels, spirv, key);
    venn_status status = VENN_OK;
    if (!entry) {
        kernel_entry *made;
        status = make_entry(kernels, spirv, key, &made);
        if (status == VENN_OK)
            entry = keep_entry(kernels, spirv, key, made);
    }
    if (status == VENN_OK)
        *out = entry->pipeline;
    return status;
}

// ---- Many at a time --------------------------------------------------------------------------

typedef struct build_job {
    venn_kernels *kernels;
    const venn_kernel_request *requests;
    size_t n;
    atomic_size_t next;
} build_job;

static void *build_some(void *user)
{
    build_job *job = user;
    for (size_t i; (i = atomic_fetch_add(&job->next, 1)) < job->n;) {
        const venn_kernel_request *r = &job->requests[i];
        const venn_kernel_key key = {r->spec, r->n_spec, r->storages, r->push_size};
        const venn_pipeline *pipeline;
        // Whoever needs it meets the failure again, with its message.
        (void)venn_kernel_pipeline(job->kernels, r->name, &key, &pipeline);
    }
    return NULL;
}

void venn_kernels_build(venn_kernels *kernels, const venn_kernel_request *requests, size_t n)
{
    enum { MOST_THREADS = 16 };
    build_job job = {.kernels = kernels, .requests = requests, .n = n};
    pthread_t threads[MOST_THREADS];
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t started = 0;
    while (started + 1 < n && started < MOST_THREADS && (long)started + 1 < cores &&
           pthread_create(&threads[started], NULL, build_some, &job) == 0)
        started++;
    build_some(&job);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
}

venn_hash venn_kernels_hash(void)
{
    venn_hash hash = {0, 0};
    for (const venn_spirv *spirv = venn_spirv_table; spirv->name; spirv++)
        hash = venn_hash_join(hash, venn_hash_bytes(spirv->code, spirv->size));
    return venn_hash_join(hash, venn_glsl_hash(""));
}

const char *venn_shader_hash(void)
{
    static _Thread_local char text[33];
    venn_hash_text(venn_kernels_hash(), text);
    return text;
}

// ---- Kernels made at run time ----------------------------------------------------------------

bool venn_kernels_can_make(void)
{
    return venn_glsl_usable();
}

bool venn_kernels_built(const char *name)
{
    return find_built(name) != NULL;
}

static venn_hash name_of(const char *stem, const char *text, char name[VENN_KERNEL_TEXT])
{
    const venn_hash hash = venn_glsl_hash(text);
    char digits[33];
    venn_hash_text(hash, digits);
    snprintf(name, VENN_KERNEL_TEXT, "%.24s.%s", stem, digits);
    return hash;
}

bool venn_kernels_made(venn_kernels *kernels, const char *stem, const char *text)
{
    char name[VENN_KERNEL_TEXT];
    name_of(stem, text, name);
    return find_made(kernels, name) != NULL;
}

venn_status venn_kernels_make(venn_kernels *kernels, const char *stem, const char *text,
                              char name[VENN_KERNEL_TEXT])
{
    const venn_hash hash = name_of(stem, text, name);
    venn_made_kernel *made = NULL;
    if (find_made(kernels, name))
        return VENN_OK;
    VENN_TRY(venn_made_kernel_make(&made, name, text, hash));
    pthread_mutex_lock(&kernels->lock);
    made->next =
        kernels->made; // of two threads that made the same, both are kept: the newer is found
    kernels->made = made;
    pthread_mutex_unlock(&kernels->lock);
    return VENN_OK;
}

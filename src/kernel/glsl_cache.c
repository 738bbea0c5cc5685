// Kernels made at run time, as files: a header that says what it is and of what, then the code.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "kernel/glsl.h"

enum { MOST_BYTES = 16 << 20 };

static const char magic[16] = "venn kernel 1\n";

typedef struct header {
    char magic[16];
    venn_hash text, code; // of what it was made from, and of what follows
} header;

// NULL where nothing is kept.
static char *path_of(venn_hash hash)
{
    const char *folder = getenv("VENN_KERNEL_CACHE");
    char text[33], name[64], *path = NULL;
    if (folder && strcmp(folder, "none") == 0)
        return NULL;
    venn_hash_text(hash, text);
    if (folder && *folder)
        return venn_format("%s/%s.spv", folder, text);
    snprintf(name, sizeof name, "kernels/%s.spv", text);
    return venn_cache_path(name, &path) < 0 ? NULL : path;
}

static bool same_hash(venn_hash a, venn_hash b)
{
    return a.low == b.low && a.high == b.high;
}

static venn_status check(const char *path, venn_hash hash, const char *data, size_t size)
{
    header h;
    if (size < sizeof h)
        return venn_fail(VENN_BAD_FILE, "%s: cut off", path);
    memcpy(&h, data, sizeof h);
    if (memcmp(h.magic, magic, sizeof magic) != 0 || !same_hash(h.text, hash))
        return venn_fail(VENN_BAD_FILE, "%s: not the kernel that its name says", path);
    if (size % 4 || !same_hash(h.code, venn_hash_bytes(data + sizeof h, size - sizeof h)))
        return venn_fail(VENN_BAD_FILE, "%s: damaged", path);
    return VENN_OK;
}

bool venn_glsl_recall(venn_hash hash, uint32_t **code, size_t *size)
{
    char *path = path_of(hash);
    void *data = NULL;
    if (!path || !venn_file_exists(path)) {
        free(path);
        return false;
    }
    venn_status status = venn_file_read(path, MOST_BYTES, &data, size);
    if (status == VENN_OK)
        status = check(path, hash, data, *size);
    if (status == VENN_OK) {
        *size -= sizeof(header);
        memmove(data, (char *)data + sizeof(header), *size);
        *code = data;
    } else {
        venn_log_line(VENN_LOG_WARN, "a kept kernel is ignored and made anew: %s",
                      venn_error_message());
        free(data);
    }
    free(path);
    return status == VENN_OK;
}

void venn_glsl_keep(venn_hash hash, const uint32_t *code, size_t size)
{
    char *path = path_of(hash), *folder = path ? venn_path_folder(path) : NULL;
    char *data = folder ? venn_alloc(1, sizeof(header) + size) : NULL;
    venn_status status = data ? venn_folder_make(folder) : VENN_OK;
    if (data && status == VENN_OK) {
        header h = {.text = hash, .code = venn_hash_bytes(code, size)};
        memcpy(h.magic, magic, sizeof magic);
        memcpy(data, &h, sizeof h);
        memcpy(data + sizeof h, code, size);
        status = venn_file_write_shared(path, data, sizeof h + size);
    }
    if (status < 0)
        venn_log_line(VENN_LOG_INFO, "a kernel cannot be kept for the next time: %s",
                      venn_error_message());
    free(data);
    free(folder);
    free(path);
}

// ---- Made kernels ----------------------------------------------------------------------------

void venn_made_kernel_free(venn_made_kernel *made)
{
    if (made)
        free(made->code);
    free(made);
}

venn_status venn_made_kernel_make(venn_made_kernel **out, const char *name, const char *text,
                                  venn_hash hash)
{
    venn_made_kernel *made = VENN_NEW(venn_made_kernel);
    venn_status status = VENN_OK;
    size_t size = 0;
    if (!made)
        return VENN_NO_MEMORY;
    snprintf(made->name, sizeof made->name, "%s", name);
    if (!venn_glsl_recall(hash, &made->code, &size)) {
        status = venn_glsl_compile(name, text, &made->code, &size);
        if (status == VENN_OK)
            venn_glsl_keep(hash, made->code, size);
    }
    if (status < 0) {
        venn_made_kernel_free(made);
        return status;
    }
    made->spirv = (venn_spirv){made->name, made->code, size};
    *out = made;
    return VENN_OK;
}

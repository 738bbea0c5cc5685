#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "train/checkpoint.h"

static const char state_key[] = "training";

// The k-th before the newest.
static char *path_of(const char *folder, uint32_t k)
{
    return k ? venn_format("%s/last.%u.safetensors", folder, k)
             : venn_format("%s/last.safetensors", folder);
}

// ---- Write -----------------------------------------------------------------------------------

// The newest gets a second name, for its first one must stay until the new file takes it.
static bool link_newest(const char *newest, const char *former)
{
    char *temporary = venn_format("%s.tmp", former);
    if (!temporary)
        return false;
    unlink(temporary); // of a process that was killed here
    bool ok = link(newest, temporary) == 0 && rename(temporary, former) == 0;
    // Some file systems know no second names: for a moment the former is the only one then.
    if (!ok && errno != ENOENT)
        ok = rename(newest, former) == 0;
    ok = ok || errno == ENOENT; // there is no newest yet
    free(temporary);
    return ok;
}

static venn_status keep_former(const char *folder, uint32_t keep)
{
    bool ok = true;
    for (uint32_t k = keep - 1; ok && k > 0; k--) {
        char *from = path_of(folder, k - 1), *to = path_of(folder, k);
        ok = from && to &&
             (k == 1 ? link_newest(from, to) : rename(from, to) == 0 || errno == ENOENT);
        free(from);
        free(to);
    }
    if (ok)
        return VENN_OK;
    return errno == ENOMEM
               ? VENN_NO_MEMORY
               : venn_fail(VENN_BAD_FILE, "%s: the former checkpoint cannot be kept: %s", folder,
                           strerror(errno));
}

venn_status venn_checkpoint_check(uint32_t keep)
{
    return keep <= VENN_MAX_CHECKPOINTS
               ? VENN_OK
               : venn_fail(VENN_BAD_ARG, "checkpoints is %u: at most %d can be kept", keep,
                           VENN_MAX_CHECKPOINTS);
}

venn_status venn_checkpoint_write(const char *folder, uint32_t keep, const venn_named_array *arrays,
                                  size_t n, const char *state)
{
    VENN_TRY(venn_checkpoint_check(keep));
    VENN_TRY(keep_former(folder, keep ? keep : VENN_CHECKPOINTS));
    char *path = path_of(folder, 0);
    venn_metadata metadata = {state_key, state};
    venn_status status =
        path ? venn_safetensors_write(path, arrays, n, &metadata, 1) : VENN_NO_MEMORY;
    free(path);
    return status;
}

// ---- Read ------------------------------------------------------------------------------------

static venn_status read_one(const char *path, venn_safetensors **file, const char **state)
{
    VENN_TRY(venn_safetensors_read(file, path));
    *state = venn_safetensors_metadata(*file, state_key);
    if (*state && venn_safetensors_metadata(*file, VENN_CHECKSUM_KEY))
        return VENN_OK;
    venn_status status = venn_fail(VENN_BAD_FILE, "%s: it holds no %s", path,
                                   *state ? "checksum" : "training state");
    venn_safetensors_destroy(file);
    return status;
}

// Were those newer than `good` to stay, the next checkpoint would push a whole one out for them.
static void put_aside(const char *folder, uint32_t good)
{
    char *aside = venn_format("%s/last.damaged.safetensors", folder);
    for (uint32_t k = 0; aside && k < good; k++) {
        char *path = path_of(folder, k);
        if (path && rename(path, aside) == 0)
            venn_log_line(VENN_LOG_WARN, "%s is %s now; going on from the checkpoint before it",
                          path, aside);
        free(path);
    }
    free(aside);
}

venn_status venn_checkpoint_read(const char *folder, venn_safetensors **file, const char **state,
                                 char **path)
{
    venn_status status = VENN_OK;
    *file = NULL;
    *path = NULL;
    for (uint32_t k = 0; k < VENN_MAX_CHECKPOINTS && !*file; k++) {
        free(*path);
        *path = path_of(folder, k);
        if (!*path)
            return VENN_NO_MEMORY;
        if (!venn_file_exists(*path))
            continue;
        status = read_one(*path, file, state);
        if (status == VENN_OK)
            put_aside(folder, k);
        else if (status == VENN_BAD_FILE)
            venn_log_line(VENN_LOG_WARN, "%s", venn_error_message());
        else
            return status;
    }
    return status == VENN_OK
               ? VENN_OK
               : venn_fail_in(status, "%s holds no whole checkpoint: remove it to train anew",
                              folder);
}

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

// As many bytes as come, up to `room`; -1 by errno.
static ssize_t read_up_to(int fd, char *to, size_t room)
{
    size_t done = 0;
    while (done < room) {
        const ssize_t got = read(fd, to + done, room - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

static venn_status read_all(int fd, const char *path, size_t size, void **data)
{
    char *memory = malloc(size + 1);
    if (!memory)
        return venn_fail(VENN_NO_MEMORY, "%s: out of host memory for %zu bytes", path, size);
    const ssize_t got = read_up_to(fd, memory, size);
    if (got < 0 || (size_t)got < size) {
        const char *why = got < 0 ? strerror(errno) : "it became shorter while being read";
        free(memory);
        return venn_fail(VENN_BAD_FILE, "%s: cannot read: %s", path, why);
    }
    memory[size] = 0;
    *data = memory;
    return VENN_OK;
}

// A pipe does not tell its size: memory doubles until the end comes, or a byte over the limit.
static venn_status read_pipe(int fd, const char *path, size_t limit, void **data, size_t *size)
{
    char *memory = NULL;
    size_t done = 0, room = 0;
    ssize_t got = 1;
    while (got > 0 && done <= limit) {
        if (done == room) {
            room = room ? 2 * room : 65536;
            char *larger = realloc(memory, room + 1);
            if (!larger) {
                free(memory);
                return venn_fail(VENN_NO_MEMORY, "%s: out of host memory for %zu bytes", path,
                                 room);
            }
            memory = larger;
        }
        got = read_up_to(fd, memory + done, room - done);
        done += got > 0 ? (size_t)got : 0;
    }
    if (got < 0 || done > limit) {
        const int error = errno;
        free(memory);
        return got < 0
                   ? venn_fail(VENN_BAD_FILE, "%s: cannot read: %s", path, strerror(error))
                   : venn_fail(VENN_BAD_FILE, "%s: more bytes than the limit of %zu", path, limit);
    }
    memory[done] = 0;
    *data = memory;
    *size = done;
    return VENN_OK;
}

venn_status venn_file_read(const char *path, size_t limit, void **data, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return venn_fail(VENN_BAD_FILE, "%s: cannot open: %s", path, strerror(errno));
    struct stat info;
    venn_status status = VENN_OK;
    if (fstat(fd, &info) != 0) {
        status = venn_fail(VENN_BAD_FILE, "%s: cannot read: %s", path, strerror(errno));
    } else if (S_ISFIFO(info.st_mode) && limit) {
        status = read_pipe(fd, path, limit, data, size);
    } else if (!S_ISREG(info.st_mode)) {
        status = venn_fail(VENN_BAD_FILE, "%s: not a regular file", path);
    } else if (limit && (uint64_t)info.st_size > limit) {
        status = venn_fail(VENN_BAD_FILE, "%s: %lld bytes, the limit is %zu", path,
                           (long long)info.st_size, limit);
    } else {
        status = read_all(fd, path, (size_t)info.st_size, data);
        *size = (size_t)info.st_size;
    }
    close(fd);
    return status;
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t done = write(fd, data, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return false;
        data += done;
        size -= (size_t)done;
    }
    return true;
}

// The rename is durable only once the folder itself is on disk.
static void sync_folder(const char *path)
{
    char *folder = venn_path_folder(path);
    int fd = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

// A pipe or a device: a rename would put a file in its place.
static bool is_special(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode);
}

static venn_status write_by(const char *temporary, const char *path, const void *data, size_t size)
{
    const bool replace = !is_special(path);
    if (!temporary)
        return VENN_NO_MEMORY;
    int fd = open(replace ? temporary : path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = fd >= 0 && write_all(fd, data, size) && (!replace || fsync(fd) == 0);
    int error = errno;
    if (fd >= 0 && close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && replace && rename(temporary, path) != 0) {
        ok = false;
        error = errno;
    }
    if (!ok) {
        if (fd >= 0 && replace)
            unlink(temporary);
        return venn_fail(VENN_BAD_FILE,
                         "%s: cannot write %zu bytes: %s: free space or choose another place; what "
                         "was there before is kept",
                         path, size, strerror(error));
    }
    if (replace)
        sync_folder(path);
    return VENN_OK;
}

venn_status venn_file_write(const char *path, const void *data, size_t size)
{
    char *temporary = venn_format("%s.tmp", path);
    const venn_status status = write_by(temporary, path, data, size);
    free(temporary);
    return status;
}

venn_status venn_file_write_shared(const char *path, const void *data, size_t size)
{
    // No two threads that run have one stack.
    char *temporary = venn_format("%s.%ld.%p.tmp", path, (long)getpid(), (const void *)&temporary);
    const venn_status status = write_by(temporary, path, data, size);
    free(temporary);
    return status;
}

bool venn_file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

venn_status venn_folder_make(const char *path)
{
    char *copy = venn_strdup(path);
    if (!copy)
        return VENN_NO_MEMORY;
    venn_status status = VENN_OK;
    for (char *end = copy + 1; status == VENN_OK; end++) {
        if (*end != '/' && *end != 0)
            continue;
        bool last = *end == 0;
        *end = 0;
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            status = venn_fail(VENN_BAD_FILE, "%s: cannot make folder: %s", copy, strerror(errno));
        if (last)
            break;
        *end = '/';
    }
    struct stat info;
    if (status == VENN_OK && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
        status = venn_fail(VENN_BAD_FILE, "%s: not a folder", path);
    free(copy);
    return status;
}

char *venn_path_join(const char *folder, const char *name)
{
    return name[0] == '/' ? venn_strdup(name) : venn_format("%s/%s", folder, name);
}

char *venn_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return venn_strdup(".");
    return slash == path ? venn_strdup("/") : venn_format("%.*s", (int)(slash - path), path);
}

venn_status venn_cache_path(const char *name, char **path)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/')
        *path = venn_format("%s/venn/%s", cache, name);
    else if (home && *home)
        *path = venn_format("%s/.cache/venn/%s", home, name);
    else
        return venn_fail(VENN_BAD_FILE, "there is no cache folder: set HOME or XDG_CACHE_HOME");
    return *path ? VENN_OK : VENN_NO_MEMORY;
}

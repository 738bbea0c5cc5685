#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum { FILES = 16 };

static char cache[64], folder[80];
static struct {
    char path[128];
    int fd;
    size_t size;
} files[FILES];
static int n_files;
static pid_t owner;

static void stop(const char *what)
{
    perror(what);
    abort();
}

static void clean(void)
{
    if (getpid() != owner)
        return;
    for (int i = 0; i < n_files; i++)
        unlink(files[i].path);
    rmdir(folder);
    rmdir(cache);
}

const char *fuzz_folder(void)
{
    if (owner)
        return folder;
    owner = getpid();
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(cache, sizeof cache, "%s/venn-fuzz-XXXXXX", base);
    if (!mkdtemp(cache))
        stop(cache);
    snprintf(folder, sizeof folder, "%s/venn", cache);
    if (mkdir(folder, 0700) != 0)
        stop(folder);
    atexit(clean);
    return folder;
}

const char *fuzz_cache(void)
{
    fuzz_folder();
    return cache;
}

static int open_file(const char *name)
{
    for (int i = 0; i < n_files; i++)
        if (strcmp(strrchr(files[i].path, '/') + 1, name) == 0)
            return i;
    if (n_files == FILES)
        stop("more names than fuzz_file holds");
    char *path = files[n_files].path;
    snprintf(path, sizeof files->path, "%s/%s", fuzz_folder(), name);
    files[n_files].fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (files[n_files].fd < 0)
        stop(path);
    return n_files++;
}

const char *fuzz_file(const char *name, const void *data, size_t size)
{
    const int i = open_file(name);
    if (pwrite(files[i].fd, data, size, 0) != (ssize_t)size ||
        (size < files[i].size && ftruncate(files[i].fd, (off_t)size) != 0))
        stop(files[i].path);
    files[i].size = size;
    return files[i].path;
}

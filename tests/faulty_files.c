#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "faulty_files.h"

enum { MAX_UNSYNCED = 16 };

static struct {
    bool on;
    fault_kind kind;
    uint64_t at, calls;
    size_t piece;
    // Second descriptors of what was written and not synced: a rename does not save such a file.
    struct {
        int fd, copy;
    } unsynced[MAX_UNSYNCED];
    int n_unsynced;
} faults;

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t size);
int __real_fsync(int fd);
int __real_link(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_close(int fd);

void faulty_files_begin(fault_kind kind, uint64_t at, size_t piece)
{
    faults.on = true;
    faults.kind = kind;
    faults.at = at;
    faults.piece = piece;
    faults.calls = 0;
    faults.n_unsynced = 0;
}

uint64_t faulty_files_end(void)
{
    faults.on = false;
    for (int i = 0; i < faults.n_unsynced; i++)
        __real_close(faults.unsynced[i].copy);
    return faults.calls;
}

static void lose_power(void)
{
    for (int i = 0; i < faults.n_unsynced; i++) {
        const int copy = faults.unsynced[i].copy;
        const off_t size = lseek(copy, 0, SEEK_END);
        if (ftruncate(copy, size / 2) != 0)
            perror("ftruncate");
    }
    _exit(FAULT_EXIT);
}

// Counts a call; true: it shall fail, errno says of what.
static bool fail_here(void)
{
    if (!faults.on || ++faults.calls < faults.at || faults.kind == FAULT_NONE)
        return false;
    const bool now = faults.calls == faults.at;
    if (now && (faults.kind == FAULT_KILL || faults.kind == FAULT_TORN))
        _exit(FAULT_EXIT);
    if (now && faults.kind == FAULT_POWER)
        lose_power();
    errno = faults.kind == FAULT_FULL ? ENOSPC : EIO;
    return faults.kind == FAULT_FULL || now;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    const bool writes = (flags & O_ACCMODE) != O_RDONLY;
    if (writes && fail_here())
        return -1;
    const int fd = __real_open(path, flags, mode);
    if (faults.on && writes && fd >= 0 && faults.n_unsynced < MAX_UNSYNCED) {
        faults.unsynced[faults.n_unsynced].fd = fd;
        faults.unsynced[faults.n_unsynced++].copy = dup(fd);
    }
    return fd;
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
    if (!faults.on)
        return __real_write(fd, data, size);
    if (size > faults.piece)
        size = faults.piece;
    if (faults.kind == FAULT_TORN && faults.calls + 1 == faults.at &&
        __real_write(fd, data, size / 2) < 0)
        perror("write");
    return fail_here() ? -1 : __real_write(fd, data, size);
}

int __wrap_fsync(int fd)
{
    if (fail_here())
        return -1;
    for (int i = 0; faults.on && i < faults.n_unsynced; i++)
        if (faults.unsynced[i].fd == fd) {
            __real_close(faults.unsynced[i].copy);
            faults.unsynced[i] = faults.unsynced[--faults.n_unsynced];
            return 0; // that the disk has it shows in lose_power; to wait for the real one proves no more
        }
    return faults.on ? 0 : __real_fsync(fd);
}

// Full disks still let names go, and files be closed.
int __wrap_unlink(const char *path)
{
    return faults.kind != FAULT_FULL && fail_here() ? -1 : __real_unlink(path);
}

int __wrap_close(int fd)
{
    const bool failed = faults.kind != FAULT_FULL && fail_here();
    const int result = __real_close(fd);
    return failed ? -1 : result;
}

int __wrap_link(const char *from, const char *to)
{
    return fail_here() ? -1 : __real_link(from, to);
}

int __wrap_rename(const char *from, const char *to)
{
    return fail_here() ? -1 : __real_rename(from, to);
}

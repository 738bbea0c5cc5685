#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "live_bytes.h"

#ifdef __SANITIZE_ADDRESS__
// gcc brings the function, but not the header that has it.
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

int64_t live_bytes(void)
{
#ifdef __SANITIZE_ADDRESS__
    return (int64_t)__sanitizer_get_current_allocated_bytes();
#else
    const struct mallinfo2 info = mallinfo2();
    return (int64_t)(info.uordblks + info.hblkhd);
#endif
}

int64_t resident_bytes(void)
{
    long pages = -1;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fscanf(file, "%*s %ld", &pages) != 1)
        pages = -1;
    if (file)
        fclose(file);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static int count_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    int n = -2; // . and ..
    while (entries && readdir(entries))
        n++;
    if (entries)
        closedir(entries);
    return n;
}

int open_files(void)
{
    return count_entries("/proc/self/fd") - 1; // that of the folder itself
}

int live_threads(void)
{
    return count_entries("/proc/self/task");
}

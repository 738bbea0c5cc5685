// POSIX by the Win32 API and Microsoft's C library (see the header). Not a part of other builds.
#include "base/windows/posix_on_windows.h"

// The C library's own.
#undef open
#undef rename
#undef fclose
#undef tmpfile
#undef mkdir

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>

#define WIN32_LEAN_AND_MEAN // without sockets, whose gethostname wants them started
#include <windows.h>

// ---- Files -----------------------------------------------------------------------------------

int venn_windows_open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return _open(path, flags | _O_BINARY, mode & (_S_IREAD | _S_IWRITE));
}

int venn_windows_rename(const char *from, const char *to)
{
    if (MoveFileExA(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        return 0;
    const DWORD error = GetLastError();
    const bool missing = error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
    errno = missing ? ENOENT : error == ERROR_DISK_FULL ? ENOSPC : EACCES;
    return -1;
}

int fsync(int fd)
{
    return _commit(fd);
}

int link(const char *from, const char *to)
{
    if (CreateHardLinkA(to, from, NULL))
        return 0;
    errno = GetLastError() == ERROR_FILE_NOT_FOUND ? ENOENT : EACCES;
    return -1;
}

char *realpath(const char *path, char *resolved)
{
    struct stat info;
    return stat(path, &info) == 0 ? _fullpath(resolved, path, 0) : NULL;
}

// An entry of so many bytes as readdir gives; false where there is no memory.
static bool keep_entry(struct dirent ***list, int n, const struct dirent *entry)
{
    struct dirent **longer = reallocarray(*list, (size_t)n + 1, sizeof **list);
    struct dirent *copy = malloc(sizeof *copy);
    if (longer)
        *list = longer;
    if (!longer || !copy) {
        free(copy);
        return false;
    }
    *copy = *entry;
    longer[n] = copy;
    return true;
}

int scandir(const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **))
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int n = 0;
    bool ok = folder != NULL;
    *list = NULL;
    while (ok && (entry = readdir(folder)))
        if (!filter || filter(entry)) {
            ok = keep_entry(list, n, entry);
            n += ok;
        }
    if (folder)
        closedir(folder);
    if (!ok) {
        while (n > 0)
            free((*list)[--n]);
        free(*list);
        *list = NULL;
        return -1;
    }
    if (n > 1 && compare)
        qsort(*list, (size_t)n, sizeof **list, (int (*)(const void *, const void *))compare);
    return n;
}

// The C library's own puts it into the root of the disk, where few may write.
FILE *venn_windows_tmpfile(void)
{
    char folder[MAX_PATH], path[MAX_PATH];
    if (!GetTempPathA(sizeof folder, folder) || !GetTempFileNameA(folder, "vnn", 0, path))
        return NULL;
    return fopen(path, "w+bD"); // D: removed when it is closed
}

// ---- Streams in memory -----------------------------------------------------------------------

typedef struct memory_stream {
    struct memory_stream *next;
    FILE *file;
    char **text; // NULL: into `fixed`
    size_t *size;
    char *fixed;
    size_t fixed_size;
} memory_stream;

static pthread_mutex_t streams_lock = PTHREAD_MUTEX_INITIALIZER;
static memory_stream *streams;

static FILE *open_stream(memory_stream stream)
{
    memory_stream *kept = malloc(sizeof *kept);
    stream.file = kept ? venn_windows_tmpfile() : NULL;
    if (!stream.file) {
        free(kept);
        return NULL;
    }
    *kept = stream;
    pthread_mutex_lock(&streams_lock);
    kept->next = streams;
    streams = kept;
    pthread_mutex_unlock(&streams_lock);
    return stream.file;
}

FILE *open_memstream(char **text, size_t *size)
{
    *text = NULL;
    *size = 0;
    return open_stream((memory_stream){.text = text, .size = size});
}

FILE *fmemopen(void *text, size_t size, const char *mode)
{
    if (strcmp(mode, "w") != 0) {
        errno = EINVAL;
        return NULL;
    }
    return open_stream((memory_stream){.fixed = text, .fixed_size = size});
}

static memory_stream *take_stream(const FILE *file)
{
    pthread_mutex_lock(&streams_lock);
    memory_stream **at = &streams;
    while (*at && (*at)->file != file)
        at = &(*at)->next;
    memory_stream *found = *at;
    if (found)
        *at = found->next;
    pthread_mutex_unlock(&streams_lock);
    return found;
}

// What was written, with a zero behind it; false where there is no memory or no room on the disk.
static bool read_stream(const memory_stream *s)
{
    if (fflush(s->file) != 0 || ferror(s->file) || fseek(s->file, 0, SEEK_END) != 0)
        return false;
    const long length = ftell(s->file);
    if (length < 0)
        return false;
    size_t size = (size_t)length;
    if (!s->text && size >= s->fixed_size)
        return false;
    char *text = s->text ? malloc(size + 1) : s->fixed;
    if (!text)
        return false;
    rewind(s->file);
    const bool whole = fread(text, 1, size, s->file) == size;
    text[size] = 0;
    if (s->text) {
        *s->text = text;
        *s->size = size;
    }
    return whole;
}

int venn_windows_fclose(FILE *file)
{
    memory_stream *stream = take_stream(file);
    const bool ok = !stream || read_stream(stream);
    free(stream);
    return fclose(file) == 0 && ok ? 0 : EOF;
}

// ---- Texts and numbers -----------------------------------------------------------------------

char *strchrnul(const char *text, int c)
{
    char *found = strchr(text, c);
    return found ? found : (char *)text + strlen(text);
}

char *strsep(char **rest, const char *separators)
{
    char *part = *rest;
    if (!part)
        return NULL;
    char *end = part + strcspn(part, separators);
    *rest = *end ? end + 1 : NULL;
    *end = 0;
    return part;
}

void *memmem(const void *text, size_t size, const void *part, size_t part_size)
{
    const char *bytes = text;
    for (size_t i = 0; part_size <= size && i <= size - part_size; i++)
        if (memcmp(bytes + i, part, part_size) == 0)
            return (void *)(bytes + i);
    return NULL;
}

void *reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

struct tm *gmtime_r(const time_t *time, struct tm *out)
{
    return gmtime_s(out, time) == 0 ? out : NULL;
}

// A locale is but whether the thread had one of its own, and its name for numbers.
struct venn_windows_locale {
    int per_thread;
    char numbers[64];
};

static _Thread_local struct venn_windows_locale former;

locale_t newlocale(int mask, const char *name, locale_t base)
{
    struct venn_windows_locale *out = malloc(sizeof *out);
    (void)mask;
    (void)base;
    if (out) {
        out->per_thread = _ENABLE_PER_THREAD_LOCALE;
        snprintf(out->numbers, sizeof out->numbers, "%s", name);
    }
    return out;
}

locale_t uselocale(locale_t locale)
{
    struct venn_windows_locale before = {.per_thread = _configthreadlocale(0)};
    snprintf(before.numbers, sizeof before.numbers, "%s", setlocale(LC_NUMERIC, NULL));
    _configthreadlocale(_ENABLE_PER_THREAD_LOCALE);
    setlocale(LC_NUMERIC, locale->numbers);
    _configthreadlocale(locale->per_thread);
    former = before;
    return &former;
}

void freelocale(locale_t locale)
{
    free(locale);
}

// ---- The system ------------------------------------------------------------------------------

long sysconf(int name)
{
    SYSTEM_INFO info;
    (void)name;
    GetSystemInfo(&info);
    return (long)info.dwNumberOfProcessors;
}

int uname(struct utsname *out)
{
    const DWORD version = GetVersion();
    snprintf(out->sysname, sizeof out->sysname, "Windows");
    snprintf(out->release, sizeof out->release, "%u.%u", (unsigned)(version & 255),
             (unsigned)(version >> 8 & 255));
    snprintf(out->machine, sizeof out->machine, "x86_64");
    return 0;
}

int gethostname(char *name, size_t size)
{
    DWORD length = (DWORD)size;
    return GetComputerNameA(name, &length) ? 0 : -1;
}

void *dlopen(const char *name, int flags)
{
    (void)flags;
    return (void *)LoadLibraryA(name);
}

void *dlsym(void *library, const char *name)
{
    return (void *)(uintptr_t)GetProcAddress((HMODULE)library, name);
}

int dlclose(void *library)
{
    return FreeLibrary((HMODULE)library) ? 0 : -1;
}

// ---- Other programs --------------------------------------------------------------------------

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions)
{
    actions->n = 0;
    return 0;
}

int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to)
{
    if (actions->n == (int)(sizeof actions->from / sizeof *actions->from))
        return ENOMEM;
    actions->from[actions->n] = from;
    actions->to[actions->n++] = to;
    return 0;
}

int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions)
{
    actions->n = 0;
    return 0;
}

// The child inherits this process's descriptors, so these are changed for the moment.
int posix_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                 const void *attributes, char *const arguments[], char *const environment[])
{
    int kept[3], error = 0;
    (void)attributes;
    (void)environment;
    for (int i = 0; i < actions->n; i++) {
        kept[i] = _dup(actions->to[i]);
        if (_dup2(actions->from[i], actions->to[i]) != 0)
            error = errno;
    }
    const intptr_t child = error ? -1 : _spawnvp(_P_NOWAIT, name, (const char *const *)arguments);
    if (child < 0 && !error)
        error = errno;
    for (int i = 0; i < actions->n; i++)
        if (kept[i] >= 0) {
            _dup2(kept[i], actions->to[i]);
            _close(kept[i]);
        }
    *pid = (pid_t)child;
    return error;
}

pid_t waitpid(pid_t pid, int *status, int options)
{
    (void)options;
    return _cwait(status, (intptr_t)pid, 0) < 0 ? -1 : pid;
}

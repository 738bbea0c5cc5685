// What venn asks of POSIX and mingw-w64 does not have, under the same names: included before anything else in every file
// that is compiled for Windows (tests/mingw.sh). Each function does what the manual page says as far as venn uses it.
#ifndef VENN_POSIX_ON_WINDOWS_H
#define VENN_POSIX_ON_WINDOWS_H

#include <direct.h>
#include <dirent.h>
#include <fcntl.h>
#include <io.h>
#include <locale.h>
#include <process.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

// ---- Files -----------------------------------------------------------------------------------

#define O_CLOEXEC _O_NOINHERIT
#define O_DIRECTORY 0 // to open a folder fails, as callers know: here a rename is durable by itself

int venn_windows_open(const char *path, int flags, ...);   // always in binary
int venn_windows_rename(const char *from, const char *to); // takes the place of what is there
int venn_windows_fclose(FILE *file);
FILE *venn_windows_tmpfile(void);
int fsync(int fd);
int link(const char *from, const char *to);
char *realpath(const char *path, char *resolved); // resolved NULL only
// Unsorted where compare is NULL.
int scandir(const char *path, struct dirent ***list, int (*filter)(const struct dirent *),
            int (*compare)(const struct dirent **, const struct dirent **));
// In temporary files, whose content *text gets when they are closed.
FILE *open_memstream(char **text, size_t *size);
FILE *fmemopen(void *text, size_t size, const char *mode); // mode "w" only

#define open(...) venn_windows_open(__VA_ARGS__)
#define rename(from, to) venn_windows_rename(from, to)
#define fclose(file) venn_windows_fclose(file)
#define tmpfile() venn_windows_tmpfile()
#define mkdir(path, mode) _mkdir(path)

// ---- Texts and numbers -----------------------------------------------------------------------

char *strchrnul(const char *text, int c);
char *strsep(char **rest, const char *separators);
void *memmem(const void *text, size_t size, const void *part, size_t part_size);
void *reallocarray(void *old, size_t count, size_t size);
struct tm *gmtime_r(const time_t *time, struct tm *out);

// The calling thread's numbers are those of "C" from uselocale(newlocale(...)) on, until uselocale of what
// that returned.
typedef struct venn_windows_locale *locale_t;
#define LC_NUMERIC_MASK 1
locale_t newlocale(int mask, const char *name, locale_t base);
locale_t uselocale(locale_t locale);
void freelocale(locale_t locale);

// ---- The system ------------------------------------------------------------------------------

#define _SC_NPROCESSORS_ONLN 1
long sysconf(int name);

struct utsname {
    char sysname[16], release[32], machine[16];
};
int uname(struct utsname *out);
int gethostname(char *name, size_t size);

#define RTLD_NOW 0
#define RTLD_LOCAL 0
void *dlopen(const char *name, int flags);
void *dlsym(void *library, const char *name);
int dlclose(void *library);

// Signals come in a thread of their own: there is nothing to keep from others.
typedef int sigset_t;
#define sigfillset(set) ((void)(*(set) = 0))

// ---- Other programs --------------------------------------------------------------------------

typedef struct posix_spawn_file_actions_t {
    int n, from[3], to[3];
} posix_spawn_file_actions_t;

int posix_spawn_file_actions_init(posix_spawn_file_actions_t *actions);
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *actions, int from, int to);
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *actions);
int posix_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                 const void *attributes, char *const arguments[], char *const environment[]);

#define WIFEXITED(status) ((void)(status), 1)
#define WEXITSTATUS(status) (status)
pid_t waitpid(pid_t pid, int *status, int options);

#endif

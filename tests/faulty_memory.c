#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "faulty_memory.h"

static atomic_bool on;
static atomic_uint_least64_t calls;
static uint64_t fails_at, fails_step;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
int __real_vasprintf(char **out, const char *format, va_list args);
FILE *__real_open_memstream(char **data, size_t *size);

static void *json_malloc(size_t size)
{
    return malloc(size); // which the linker sends to the counting one
}

// As jansson asks of a program that brings its own: before anything else.
__attribute__((constructor)) static void count_jansson(void)
{
    json_set_alloc_funcs(json_malloc, free);
}

void faulty_memory_begin_often(uint64_t at, uint64_t step)
{
    fails_at = at;
    fails_step = step;
    atomic_store(&calls, 0);
    atomic_store(&on, true);
}

void faulty_memory_begin(uint64_t at)
{
    faulty_memory_begin_often(at, UINT64_MAX);
}

uint64_t faulty_memory_end(void)
{
    atomic_store(&on, false);
    return atomic_load(&calls);
}

static bool fail_here(void)
{
    if (!atomic_load(&on))
        return false;
    const uint64_t call = atomic_fetch_add(&calls, 1) + 1;
    if (!fails_at || call < fails_at || (call - fails_at) % fails_step)
        return false;
    errno = ENOMEM;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fail_here() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fail_here() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fail_here() ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return fail_here() ? NULL : __real_strdup(text);
}

int __wrap_vasprintf(char **out, const char *format, va_list args)
{
    return fail_here() ? -1 : __real_vasprintf(out, format, args);
}

FILE *__wrap_open_memstream(char **data, size_t *size)
{
    return fail_here() ? NULL : __real_open_memstream(data, size);
}

// Reading JSON where memory may run out. jansson 2.14 minds every allocation that fails but one: where the buffer for
// the characters of a string or number cannot grow, it goes on without one of them. A good text then counts as
// damaged, and if the lost one was a quote or a backslash, jansson reads and writes past its buffers. So that this
// allocation never fails, what it may want is set aside before: the buffer doubles, to twice what was read at most. The
// first allocation that fails, whatever it is for, is given that, and the text ends there and then. No more can be
// wanted for the buffer: it has just doubled or is emptied before its next use, and of what was read no more than four
// bytes are left, of one character of UTF-8. Whatever comes of it is thrown away.
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/json.h"

typedef struct source {
    const char *text;
    size_t size, read;
    void *reserve; // as jansson's own memory is, which frees it where it got it
    size_t reserved;
    bool failed;
} source;

static _Thread_local source *reading; // by this thread, or NULL

// What a program gave to jansson stays in use, below.
static _Atomic json_malloc_t former_malloc = malloc;

static void *allocate(size_t size)
{
    const json_malloc_t former = former_malloc;
    void *memory = former(size);
    if (memory || !reading)
        return memory;
    reading->failed = true;
    if (!reading->reserve || size > reading->reserved)
        return NULL; // not for the buffer
    memory = reading->reserve;
    reading->reserve = NULL;
    return memory;
}

static void install(void)
{
    json_malloc_t current;
    json_free_t release;
    json_get_alloc_funcs(&current, &release);
    former_malloc = current;
    json_set_alloc_funcs(allocate, release);
}

// jansson may outlive a libvenn.so that is closed.
__attribute__((destructor)) static void uninstall(void)
{
    json_malloc_t current;
    json_free_t release;
    json_get_alloc_funcs(&current, &release);
    if (current == allocate)
        json_set_alloc_funcs(former_malloc, release);
}

// Byte by byte, so that nothing is left where the text ends early.
static size_t next_byte(void *buffer, size_t size, void *user)
{
    source *s = user;
    if (s->failed || s->read == s->size || size == 0)
        return 0;
    *(char *)buffer = s->text[s->read++];
    return 1;
}

venn_status venn_json_load(json_t **out, const char *text, size_t size, size_t flags,
                           json_error_t *error)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    json_free_t release;
    json_get_alloc_funcs(NULL, &release);
    source s = {.text = text, .size = size, .reserved = 2 * size + 32};
    s.reserve = allocate(s.reserved);
    *out = NULL;
    if (s.reserve) {
        reading = &s;
        *out = json_load_callback(next_byte, &s, flags, error);
        reading = NULL;
        if (s.reserve)
            release(s.reserve);
        if (!s.failed)
            return *out ? VENN_OK : VENN_BAD_FILE;
    }
    json_decref(*out);
    *out = NULL;
    return venn_fail(VENN_NO_MEMORY, "out of host memory");
}

// Statuses, the per-thread error message, the log sink and checked allocation.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"

static _Thread_local char error_message[1024];

static struct {
    venn_log_fn fn;
    void *user;
    venn_log_level level;
} sink;

const char *venn_version(void)
{
    return VENN_VERSION;
}

const char *venn_status_name(venn_status status)
{
    switch (status) {
#define VENN_STATUS_NAME(name, value, text)                                                        \
    case VENN_##name:                                                                              \
        return #name;
        VENN_STATUS_LIST(VENN_STATUS_NAME)
#undef VENN_STATUS_NAME
    }
    return "UNKNOWN";
}

const char *venn_error_message(void)
{
    return error_message;
}

venn_status venn_fail(venn_status status, const char *format, ...)
{
    // Formatted aside first: an argument may be the present message itself.
    char text[sizeof error_message];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    memcpy(error_message, text, sizeof text);
    return status;
}

venn_status venn_fail_in(venn_status status, const char *format, ...)
{
    char where[256], rest[sizeof error_message];
    va_list args;
    va_start(args, format);
    vsnprintf(where, sizeof where, format, args);
    va_end(args);
    memcpy(rest, error_message, sizeof rest);
    size_t used = (size_t)snprintf(error_message, sizeof error_message, "%s: ", where);
    if (used < sizeof error_message)
        snprintf(error_message + used, sizeof error_message - used, "%s", rest);
    return status;
}

void venn_log_set(venn_log_fn fn, void *user, venn_log_level level)
{
    sink.fn = fn;
    sink.user = user;
    sink.level = level;
}

bool venn_log_enabled(venn_log_level level)
{
    return sink.fn && level <= sink.level;
}

void venn_log_line(venn_log_level level, const char *format, ...)
{
    if (!venn_log_enabled(level))
        return;
    char line[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    sink.fn(sink.user, level, line);
}

void *venn_alloc(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size ? size : 1);
    if (!memory)
        venn_fail(VENN_NO_MEMORY, "out of host memory: %zu items of %zu bytes", count, size);
    return memory;
}

void *venn_resize(void *old, size_t count, size_t size)
{
    void *memory = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!memory)
        venn_fail(VENN_NO_MEMORY, "out of host memory: %zu items of %zu bytes", count, size);
    return memory;
}

char *venn_strdup(const char *text)
{
    char *copy = strdup(text);
    if (!copy)
        venn_fail(VENN_NO_MEMORY, "out of host memory: a text of %zu bytes", strlen(text));
    return copy;
}

char *venn_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int length = vasprintf(&text, format, args);
    va_end(args);
    if (length < 0) {
        venn_fail(VENN_NO_MEMORY, "out of host memory: formatting a text");
        return NULL;
    }
    return text;
}

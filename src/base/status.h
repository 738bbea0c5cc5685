// How the library reports failures and messages from inside.
#ifndef VENN_BASE_STATUS_H
#define VENN_BASE_STATUS_H

#include "venn/base.h"

// Sets this thread's error message and returns `status`: `return venn_fail(VENN_BAD_FILE, ...)`.
venn_status venn_fail(venn_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// Puts "text: " before the message that is already set; returns `status`.
venn_status venn_fail_in(venn_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void venn_log_line(venn_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool venn_log_enabled(venn_log_level level);

// Allocation that sets the error message: NULL and VENN_NO_MEMORY's text on failure or overflow.
void *venn_alloc(size_t count, size_t size); // zero-filled
void *venn_resize(void *old, size_t count, size_t size);
char *venn_strdup(const char *text);
char *venn_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define VENN_NEW(type) ((type *)venn_alloc(1, sizeof(type)))

// `VENN_TRY(call)` returns from a function without resources of its own on failure.
#define VENN_TRY(call)                                                                             \
    do {                                                                                           \
        venn_status try_status_ = (call);                                                          \
        if (try_status_ < 0)                                                                       \
            return try_status_;                                                                    \
    } while (0)

#endif

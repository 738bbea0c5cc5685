#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "device_fixture.h"

static void print_line(void *user, venn_log_level level, const char *line)
{
    (void)user;
    fprintf(stderr, "%s: %s\n", level == VENN_LOG_ERROR ? "error" : "warning", line);
}

venn_device *open_test_device(void)
{
    venn_device *device = NULL;
    venn_log_set(print_line, NULL, VENN_LOG_WARN);
    // What the user has measured is none of the tests' business, unless a test says so.
    setenv("VENN_WISDOM", "none", 0);
    setenv("VENN_KERNEL_CACHE", "none", 0);
    venn_status status = venn_device_create(&device, NULL);
    cr_assert(status == VENN_OK, "no device to test on: %s", venn_error_message());
    return device;
}

void close_test_device(venn_device **device)
{
    uint64_t messages = venn_device_validation_messages(*device);
    venn_device_destroy(device);
    cr_assert(messages == 0, "%llu validation messages", (unsigned long long)messages);
}

// The validation layers are what the other tests lean on, so here it is shown that they are really there:
// a broken rule and a missing barrier are both reported, and reports abort where they were asked to.
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>

#include "data_files.h"
#include "kernel/kernel.h"
#include "vk/vk.h"

enum { BYTES = 4096 };

static venn_device *open_validated(bool abort_on_message)
{
    unsetenv("VENN_VALIDATE_ABORT");
    venn_device_params params = {.validate = true, .abort_on_validation = abort_on_message};
    venn_device *device = NULL;
    cr_assert_eq(venn_device_create(&device, &params), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_device_validation_messages(device), 0);
    return device;
}

// Records what `break_rule` says and submits it; returns the messages that came.
static uint64_t messages_of(venn_device *device,
                            void (*break_rule)(venn_commands *commands, venn_memory memory))
{
    venn_memory memory = {0};
    venn_commands *commands = NULL;
    uint64_t ticket = 0;
    cr_assert_eq(venn_memory_alloc(device, VENN_MEMORY_DEVICE, BYTES, "a test", &memory), VENN_OK);
    cr_assert_eq(venn_commands_create(device, "test", 0, &commands), VENN_OK);
    venn_commands_barrier(commands);
    break_rule(commands, memory);
    venn_commands_end(commands); // a missing barrier is also an error of ours: test_barriers.c
    cr_assert_eq(venn_queue_submit(device, &commands, 1, &ticket), VENN_OK);
    cr_assert_eq(venn_queue_wait(device, ticket), VENN_OK);
    uint64_t messages = venn_device_validation_messages(device);
    venn_commands_destroy(&commands);
    venn_memory_free(device, &memory);
    return messages;
}

static void keep_rules(venn_commands *commands, venn_memory memory)
{
    venn_commands_fill(commands, memory, 1);
    venn_commands_barrier(commands);
    venn_commands_fill(commands, memory, 2);
}

static void forget_barrier(venn_commands *commands, venn_memory memory)
{
    venn_commands_fill(commands, memory, 1);
    venn_commands_fill(commands, memory, 2);
}

// A fill that begins within a word: against the rules, and harmless.
static void fill_misaligned(venn_commands *commands, venn_memory memory)
{
    venn_commands_fill(commands, venn_memory_part(memory, 2, 8), 1);
}

Test(validation, silent_where_rules_are_kept)
{
    venn_device *device = open_validated(false);
    cr_assert_eq(messages_of(device, keep_rules), 0);
    venn_device_destroy(&device);
}

Test(validation, reports_a_missing_barrier)
{
    venn_device *device = open_validated(false);
    cr_assert_gt(messages_of(device, forget_barrier), 0);
    venn_device_destroy(&device);
}

Test(validation, reports_a_broken_rule)
{
    venn_device *device = open_validated(false);
    cr_assert_gt(messages_of(device, fill_misaligned), 0);
    venn_device_destroy(&device);
}

Test(validation, aborts_where_asked, .signal = SIGABRT)
{
    venn_device *device = open_validated(true);
    messages_of(device, fill_misaligned);
}

Test(validation, aborts_by_environment, .signal = SIGABRT)
{
    setenv("VENN_VALIDATE", "1", 1);
    setenv("VENN_VALIDATE_ABORT", "1", 1);
    venn_device *device = NULL;
    cr_assert_eq(venn_device_create(&device, NULL), VENN_OK, "%s", venn_error_message());
    messages_of(device, fill_misaligned);
}

// ---- Kernels ---------------------------------------------------------------------------------

static const venn_pipeline *relu;

static void run_relu(venn_commands *commands, venn_memory memory, uint32_t count)
{
    venn_commands_dispatch(commands, relu, (venn_memory[]){memory, memory}, 2, &count, 4,
                           (uint32_t[]){2, 1, 1});
}

static void stay_inside(venn_commands *commands, venn_memory memory)
{
    run_relu(commands, memory, BYTES / 4);
}

static void go_beyond(venn_commands *commands, venn_memory memory)
{
    run_relu(commands, memory, BYTES / 4 + 4);
}

Test(validation, of_kernels_sees_them_leave_their_memory)
{
    venn_device *device = NULL;
    venn_kernels *kernels;
    const venn_kernel_key key = {.spec = (uint32_t[]){64}, .n_spec = 1, .push_size = 4};
    setenv("VENN_VALIDATE", "gpu", 1);
    unsetenv("VENN_VALIDATE_ABORT");
    cr_assert_eq(venn_device_create(&device, NULL), VENN_OK, "%s", venn_error_message());
    cr_assert_eq(venn_kernels_of(device, &kernels), VENN_OK);
    cr_assert_eq(venn_kernel_pipeline(kernels, "relu.forward", &key, &relu), VENN_OK);
    const uint64_t first = venn_device_validation_messages(device); // what the layer cannot look at
    cr_expect_eq(messages_of(device, stay_inside), first);
    cr_expect_gt(messages_of(device, go_beyond), first);
    venn_device_destroy(&device);
}

Test(validation, is_asked_for_by_name)
{
    venn_device *device = NULL;
    setenv("VENN_VALIDATE", "yes", 1);
    check_fails(venn_device_create(&device, NULL), VENN_BAD_ARG, "VENN_VALIDATE is \"yes\"");
}

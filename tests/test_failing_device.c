// A device that gives no more memory or objects, and one that is lost: the status that says so, nothing that the
// validation layers object to, and a run that goes on to the same weights from its checkpoints.
#include <criterion/criterion.h>
#include <string.h>

#include "data_files.h"
#include "device_fixture.h"
#include "fault_sweep.h"
#include "faulty_device.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/distill.h"

enum { SAMPLE = 61 }; // ./dev test --long tries every call

// A whole job in a folder of its own, or the rest of it, on a device of its own. *count: of the calls.
static venn_status run_job(const char *folder, bool resume, faulty_calls calls, uint64_t at,
                           uint64_t *count)
{
    venn_distill_config *config;
    cr_assert_eq(venn_distill_config_load(&config, scratch_path("job.yaml")), VENN_OK);
    venn_device *device = open_test_device();
    venn_log_set(NULL, NULL, VENN_LOG_ERROR);
    faulty_device_begin(device, calls, at);
    venn_status status = venn_distill_run(device, config, scratch_path(folder), resume, NULL, NULL);
    *count = faulty_device_end();
    venn_distill_config_destroy(&config);
    close_test_device(&device);
    return status;
}

static uint64_t begin(faulty_calls calls)
{
    uint64_t count;
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "seeds: 2", "seeds: 1", NULL);
    cr_assert_eq(run_job("whole", false, calls, 0, &count), VENN_OK, "%s", venn_error_message());
    cr_assert_gt(count, 50);
    return count;
}

static void check_same_weights(uint64_t at)
{
    cr_assert_eq(shell("cmp whole/seed-0/distilled/best.safetensors "
                       "faulty/seed-0/distilled/best.safetensors"),
                 0, "call %d: %s%s", (int)at, printed_out, printed_err);
}

ParameterizedTestParameters(failing_device, without_memory_says_so)
{
    return fault_parts();
}

ParameterizedTest(const int *part, failing_device, without_memory_says_so)
{
    const fault_sweep sweep = fault_part(*part, SAMPLE);
    const uint64_t count = begin(FAULTY_OBJECTS);
    uint64_t calls;
    for (uint64_t at = sweep.first; at <= count; at += sweep.step) {
        const venn_status status = run_job("faulty", false, FAULTY_OBJECTS, at, &calls);
        cr_assert(status == VENN_OK || status == VENN_NO_DEVICE_MEMORY || status == VENN_NO_MEMORY,
                  "call %d: status %d, %s", (int)at, status, venn_error_message());
        if (status == VENN_OK)
            check_same_weights(at);
        SUCCEEDS("rm -rf faulty");
    }
    cr_log_info("%d objects, one in %d failed from %d on\n", (int)count, (int)sweep.step,
                (int)sweep.first);
}

ParameterizedTestParameters(failing_device, lost_goes_on_to_the_same_weights)
{
    return fault_parts();
}

ParameterizedTest(const int *part, failing_device, lost_goes_on_to_the_same_weights)
{
    const fault_sweep sweep = fault_part(*part, SAMPLE);
    const uint64_t count = begin(FAULTY_QUEUE);
    uint64_t calls;
    for (uint64_t at = sweep.first; at <= count; at += sweep.step) {
        cr_assert_eq(run_job("faulty", false, FAULTY_QUEUE, at, &calls), VENN_DEVICE_LOST,
                     "call %d: %s", (int)at, venn_error_message());
        cr_assert(strstr(venn_error_message(), "lost"), "%s", venn_error_message());
        cr_assert_eq(
            run_job("faulty", shell("test -e faulty/config.yaml") == 0, FAULTY_QUEUE, 0, &calls),
            VENN_OK, "call %d: %s", (int)at, venn_error_message());
        check_same_weights(at);
        SUCCEEDS("rm -rf faulty");
    }
    cr_log_info("%d submits and waits, the device lost at one in %d from %d on\n", (int)count,
                (int)sweep.step, (int)sweep.first);
}

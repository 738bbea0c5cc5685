// A run in which any one allocation fails ends with the status that says so, or the failure did not matter and
// its result is that of any other run. What leaks on the way is seen by the sanitizers.
#include <criterion/criterion.h>
#include <string.h>

#include "data_files.h"
#include "device_fixture.h"
#include "fault_sweep.h"
#include "faulty_memory.h"
#include "program_run.h"
#include "tiny_job.h"
#include "venn/distill.h"

enum { SAMPLE = 211 }; // ./dev test --long tries every allocation

// A whole job in a folder of its own.
static venn_status run_job(const char *folder)
{
    venn_distill_config *config = NULL;
    venn_device *device = NULL;
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = venn_distill_config_load(&config, scratch_path("job.yaml"));
    if (status == VENN_OK)
        status = venn_distill_run(device, config, scratch_path(folder), false, NULL, NULL);
    venn_distill_config_destroy(&config);
    venn_device_destroy(&device);
    return status;
}

static void check_failure(uint64_t at)
{
    faulty_memory_begin(at);
    const venn_status status = run_job("faulty");
    faulty_memory_end();
    cr_assert(status == VENN_OK || status == VENN_NO_MEMORY, "allocation %d: %s, status %d",
              (int)at, venn_error_message(), status);
    if (status == VENN_NO_MEMORY)
        cr_assert(strstr(venn_error_message(), "out of host memory"), "allocation %d: %s", (int)at,
                  venn_error_message());
    else
        SUCCEEDS("cmp whole/seed-0/distilled/best.safetensors "
                 "faulty/seed-0/distilled/best.safetensors && test -s faulty/report.html");
    SUCCEEDS("rm -rf faulty");
}

ParameterizedTestParameters(out_of_memory, is_told_and_nothing_else_happens)
{
    return fault_parts();
}

ParameterizedTest(const int *part, out_of_memory, is_told_and_nothing_else_happens)
{
    const fault_sweep sweep = fault_part(*part, SAMPLE);
    tiny_write();
    tiny_changed("job.yaml", tiny_config, "seeds: 2", "seeds: 1", NULL);
    venn_log_set(NULL, NULL, VENN_LOG_ERROR);
    cr_assert_eq(run_job("warm"), VENN_OK, "%s", venn_error_message());
    faulty_memory_begin(0);
    cr_assert_eq(run_job("whole"), VENN_OK, "%s", venn_error_message());
    const uint64_t count = faulty_memory_end();
    cr_assert_gt(count, 500);
    for (uint64_t at = sweep.first; at <= count; at += sweep.step)
        check_failure(at);
    cr_log_info("%d allocations, one in %d failed from %d on\n", (int)count, (int)sweep.step,
                (int)sweep.first);
}

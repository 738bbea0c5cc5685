// matmul and conv2d have three families of kernels and a device uses one of them. Here the present
// device runs the other ones too, as if it were another device, on a sample of the cases.
#include <criterion/criterion.h>
#include <string.h>

#include "device_fixture.h"
#include "kernel/kernel.h"
#include "bench/case_run.h"

typedef struct sample {
    venn_device *device;
    venn_case_report report;
    const char *dims; // rows whose dims hold this text
    int seen, step;
} sample;

static bool run_some(void *user, const venn_case *c)
{
    sample *s = user;
    if (s->seen++ % s->step == 0)
        venn_case_run(s->device, c, &s->report);
    return true;
}

static void run_sample(sample *s, const char *name)
{
    for (const venn_case_row *row = venn_case_rows; row->op; row++)
        if (row->kind != VENN_CASE_BENCH && strcmp(row->op, name) == 0 &&
            strstr(row->dims, s->dims))
            cr_assert(venn_case_each(venn_op_find(name), row, run_some, s) == VENN_OK);
    cr_assert(s->report.failures == 0, "%d of %d cases failed; first: %s", s->report.failures,
              s->report.cases, s->report.first);
    cr_assert(s->report.cases > 0);
}

// The profile of the open device, to be changed before anything is compiled.
static venn_profile *profile_of(venn_device *device)
{
    venn_kernels *kernels;
    cr_assert(venn_kernels_of(device, &kernels) == VENN_OK);
    return (venn_profile *)venn_kernels_profile(kernels);
}

static void run_as(bool software, uint32_t parallelism, const char *dims, int step)
{
    sample s = {.device = open_test_device(), .dims = dims, .step = step};
    venn_profile *profile = profile_of(s.device);
    profile->family = VENN_FAMILY_TILE;
    profile->software = software;
    profile->parallelism = parallelism;
    run_sample(&s, "matmul");
    if (!*dims)
        run_sample(&s, "conv2d");
    close_test_device(&s.device);
}

Test(gemm_families, shared_tiles)
{
    run_as(false, 512, "", 9);
}

// A device that little keeps busy gets wide tiles where two small ones would not cover the result.
Test(gemm_families, wide_tiles)
{
    run_as(false, 1, "M=127,128,129", 1);
}

Test(gemm_families, direct)
{
    run_as(true, 16, "", 4);
}

// A device that ends loops early, and is too busy already for parts of k: parts there must be.
Test(gemm_families, loop_limit)
{
    sample s = {.device = open_test_device(), .dims = "K=1023,4096", .step = 1};
    venn_profile *profile = profile_of(s.device);
    profile->parallelism = 1;
    profile->loop_limit = 300;
    run_sample(&s, "matmul");
    close_test_device(&s.device);
}

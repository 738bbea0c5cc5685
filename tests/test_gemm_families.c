// matmul and conv2d have three families of kernels and a device uses one of them. Here the present
// device runs the other ones too, as if it were another device, on a sample of the cases.
#include <criterion/criterion.h>

#include "case_sample.h"
#include "device_fixture.h"

static void run_as(bool software, uint32_t parallelism, const char *dims, int step)
{
    case_sample s = {.device = open_test_device(), .dims = dims, .step = step};
    venn_profile *profile = case_sample_profile(s.device);
    profile->family = VENN_FAMILY_TILE;
    profile->software = software;
    profile->parallelism = parallelism;
    case_sample_run(&s, "matmul");
    if (!*dims)
        case_sample_run(&s, "conv2d");
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
    case_sample s = {.device = open_test_device(), .dims = "K=1023,4096", .step = 1};
    venn_profile *profile = case_sample_profile(s.device);
    profile->parallelism = 1;
    profile->loop_limit = 300;
    case_sample_run(&s, "matmul");
    close_test_device(&s.device);
}

// Plans for devices unlike the present one, on a sample of the cases: what a GPU gets, and a device whose
// subgroups cannot exchange. Products have test_gemm_families.c.
#include <criterion/criterion.h>

#include "case_sample.h"
#include "device_fixture.h"
#include "kernel/kernel.h"

static const struct {
    const char *op;
    int step; // every step-th case
} ops[] = {{"batch_norm", 31}, {"layer_norm", 11},    {"rms_norm", 23},
           {"group_norm", 17}, {"instance_norm", 29}, {"attention", 37}};

static void run_ops(venn_device *device)
{
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        case_sample_run(&(case_sample){device, "", ops[i].step}, ops[i].op);
}

Test(device_kinds, gpu)
{
    venn_device *device = open_test_device();
    venn_profile *profile = case_sample_profile(device);
    profile->software = profile->texel_loads = false;
    profile->family = VENN_FAMILY_TILE;
    profile->parallelism = 512;
    run_ops(device);
    close_test_device(&device);
}

Test(device_kinds, no_shuffles)
{
    venn_device *device = open_test_device();
    venn_profile *profile = case_sample_profile(device);
    profile->subgroup_shuffle = false;
    profile->family = VENN_FAMILY_DIRECT;
    run_ops(device);
    close_test_device(&device);
}

// So few iterations that each launch goes over a part of the keys alone.
static void run_in_parts(venn_family family)
{
    venn_device *device = open_test_device();
    venn_profile *profile = case_sample_profile(device);
    if (venn_profile_can(profile, family)) {
        profile->family = family;
        profile->loop_limit = 300;
        case_sample_run(&(case_sample){device, "T=1025", 1}, "attention");
    }
    close_test_device(&device);
}

Test(device_kinds, attention_in_parts)
{
    run_in_parts(VENN_FAMILY_SHUFFLE);
    run_in_parts(VENN_FAMILY_DIRECT);
    run_in_parts(VENN_FAMILY_TILE);
}

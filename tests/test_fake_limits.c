// VENN_FAKE_LIMITS: what it makes of a device's profile, what it refuses, and that launches beyond the
// limits are errors that say which.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "device_fixture.h"
#include "kernel/kernel.h"
#include "ops/gemm.h"
#include "venn/ops.h"

static venn_profile profile_with(venn_device *device, const char *limits)
{
    venn_profile profile;
    venn_profile_read(device, &profile);
    cr_assert(venn_profile_restrict(&profile, device, limits) == VENN_OK, "%s: %s", limits,
              venn_error_message());
    return profile;
}

Test(fake_limits, restrict)
{
    venn_device *device = open_test_device();
    venn_profile real;
    venn_profile_read(device, &real);
    venn_profile p = profile_with(device, "storage_range=16M,shared_memory=16K,groups=64");
    cr_expect(p.max_storage_range == 16 << 20 && p.shared_memory == 16 << 10);
    cr_expect(p.max_groups[0] == 64 && p.max_groups[2] == 64);
    cr_expect(p.restricted && !real.restricted);
    p = profile_with(device, "workgroup=128,loop_limit=300,parallelism=3,texel_elements=1000");
    cr_expect(p.max_workgroup_size == 128 && p.elementwise_group == 128);
    cr_expect(p.loop_limit == 300 && p.parallelism == 3 && p.max_texel_elements == 1000);
    p = profile_with(device, "gpu");
    cr_expect(!p.software);
    p = profile_with(device, "family=tile");
    cr_expect(p.family == VENN_FAMILY_TILE);
    p = profile_with(device, "family=coop");
    cr_expect(p.matrix.api == VENN_MATRIX_EMULATED && p.family == real.family);
    p = profile_with(device, "no_coop");
    cr_expect(p.matrix.api == VENN_MATRIX_NONE && strstr(p.matrix_note, "no_coop"));
    p = profile_with(device, "no_f16");
    cr_expect(!p.half_storage);
    p = profile_with(device, "no_shuffle");
    cr_expect(!p.subgroup_shuffle && p.family != VENN_FAMILY_SHUFFLE);
    close_test_device(&device);
}

Test(fake_limits, never_widen)
{
    venn_device *device = open_test_device();
    venn_profile real;
    venn_profile_read(device, &real);
    venn_profile p = profile_with(device, "storage_range=16000000G,shared_memory=1G,workgroup=1M,"
                                          "groups=4G,loop_limit=4G,texel_elements=16000000G");
    cr_expect(p.max_storage_range == real.max_storage_range);
    cr_expect(p.shared_memory == real.shared_memory);
    cr_expect(p.max_workgroup_size == real.max_workgroup_size);
    cr_expect(p.max_groups[1] == real.max_groups[1]);
    cr_expect(p.max_texel_elements == real.max_texel_elements);
    cr_expect(!real.loop_limit || p.loop_limit == real.loop_limit);
    close_test_device(&device);
}

static void expect_refusal(venn_device *device, const char *limits, const char *want)
{
    venn_profile profile;
    venn_profile_read(device, &profile);
    cr_expect(venn_profile_restrict(&profile, device, limits) == VENN_BAD_ARG, "%s", limits);
    cr_expect(strstr(venn_error_message(), want), "%s: wanted \"%s\": %s", limits, want,
              venn_error_message());
}

Test(fake_limits, refuse)
{
    venn_device *device = open_test_device();
    expect_refusal(device, "no_shufle", "\"no_shufle\": no such limit; there are storage_range=");
    expect_refusal(device, "shared_memry=1", "family=shuffle|tile|direct");
    expect_refusal(device, "no_texel,", "\"\": no such limit");
    expect_refusal(device, "no_texel=1", "no such limit");
    expect_refusal(device, "groups", "no such limit");
    expect_refusal(device, "groups=0", "a whole number above 0");
    expect_refusal(device, "groups=-1", "a whole number above 0");
    expect_refusal(device, "groups=12Q", "a whole number above 0");
    expect_refusal(device, "storage_range=17179869184G", "a whole number above 0");
    expect_refusal(device, "family=tiles", "there are shuffle, tile, direct");
    expect_refusal(device, "family=shuffle,no_shuffle", "cannot run family=shuffle");
    expect_refusal(device, "family=tile,workgroup=128", "cannot run family=tile");
    expect_refusal(device, "family=coop,shared_memory=8K", "cannot run family=coop");
    expect_refusal(device, "subgroup=3", "runs subgroups of");
    close_test_device(&device);
}

Test(fake_limits, environment)
{
    setenv("VENN_FAKE_LIMITS", "no_such_thing", 1);
    venn_device *device = open_test_device();
    venn_kernels *kernels;
    cr_expect(venn_kernels_of(device, &kernels) == VENN_BAD_ARG);
    cr_expect(strstr(venn_error_message(), "no_such_thing"), "%s", venn_error_message());
    close_test_device(&device);
}

// Compiles relu of n numbers under these limits.
static venn_status compile_relu(const char *limits, int64_t n)
{
    setenv("VENN_FAKE_LIMITS", limits, 1);
    venn_device *device = open_test_device();
    venn_graph *g = NULL;
    venn_program *program = NULL;
    cr_assert(venn_graph_create(&g) == VENN_OK);
    venn_tensor x = venn_graph_input(g, "x", VENN_F32, VENN_SHAPE(n));
    venn_graph_output(g, "y", venn_relu(g, x));
    venn_status status = venn_graph_compile(&program, g, device, NULL);
    venn_program_destroy(&program);
    venn_graph_destroy(&g);
    close_test_device(&device);
    return status;
}

static void expect_unsupported(const char *limits, const char *want)
{
    cr_expect(compile_relu(limits, 70001) == VENN_UNSUPPORTED, "%s", limits);
    const char *message = venn_error_message();
    cr_expect(strncmp(message, "relu: ", 6) == 0 && strstr(message, want), "wanted \"%s\": %s",
              want, message);
}

Test(fake_limits, launches_beyond)
{
    cr_expect(compile_relu("storage_range=1M", 70001) == VENN_OK, "%s", venn_error_message());
    expect_unsupported("storage_range=64K", "sees at most 65536");
    expect_unsupported("groups=2", "workgroups in dimension");
}

static venn_gemm_plan plan_with(venn_device *device, const char *limits, int64_t side, int64_t k)
{
    const venn_profile profile = profile_with(device, limits);
    const venn_gemm gemm = {.m = side, .n = side, .k = k, .batch = 1};
    return venn_gemm_make_plan(&profile, &gemm);
}

// A wide tile of each operand takes 16.5 KiB; Vulkan guarantees 16.
Test(fake_limits, wide_tiles_need_shared_memory)
{
    venn_device *device = open_test_device();
    cr_expect(plan_with(device, "family=tile,parallelism=1", 512, 64).wide);
    cr_expect(!plan_with(device, "family=tile,parallelism=1,shared_memory=16K", 512, 64).wide);
    cr_expect(!plan_with(device, "family=tile,parallelism=512", 512, 64).wide);
    close_test_device(&device);
}

// A device that ends loops early, and is too busy already for parts of k: parts there must be.
Test(fake_limits, loop_limit_cuts_sums)
{
    venn_device *device = open_test_device();
    venn_gemm_plan plan = plan_with(device, "family=direct,parallelism=1,loop_limit=300", 64, 4096);
    cr_expect(plan.parts > 1 && plan.trips <= 300);
    close_test_device(&device);
}

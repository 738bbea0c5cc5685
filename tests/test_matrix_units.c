// Cooperative matrices as far as a device without them can tell: the choice of a shape, products by the
// emulation of fragments of many shapes (shaders/lib/coop.glsl), the test that drivers are put to, and its
// verdict.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "case_sample.h"
#include "device_fixture.h"
#include "kernel/kernel.h"
#include "ops/gemm.h"

enum { F16, F32, U8 = 7, U32 = 9, WORKGROUP = 2, SUBGROUP }; // as Vulkan counts

// ---- Choice ----------------------------------------------------------------------------------

static void expect_choice(const venn_matrix_shape *shapes, uint32_t n, uint32_t m, uint32_t columns,
                          uint32_t k)
{
    venn_matrix_units units = {0};
    cr_expect(venn_matrix_choose(shapes, n, &units));
    cr_expect(units.m == m && units.n == columns && units.k == k, "%u x %u x %u", units.m, units.n,
              units.k);
}

Test(matrix_units, choose)
{
    const venn_matrix_shape shapes[] = {
        {16, 8, 16, F16, F16, F16, F16, SUBGROUP, false},
        {16, 8, 16, F16, F16, F32, F32, SUBGROUP, false},
        {16, 16, 32, U8, U8, U32, U32, SUBGROUP, false},
        {16, 16, 16, F16, F16, F32, F32, SUBGROUP, false},
    };
    expect_choice(shapes, 4, 16, 16, 16);
    expect_choice(shapes, 3, 16, 8, 16);
    venn_matrix_units units;
    cr_expect(!venn_matrix_choose(shapes, 1, &units));
    cr_expect(!venn_matrix_choose(shapes, 0, &units));
}

Test(matrix_units, refuse)
{
    const venn_matrix_shape good = {8, 8, 16, F16, F16, F32, F32, SUBGROUP, false};
    expect_choice(&good, 1, 8, 8, 16);
    venn_matrix_shape bad[8];
    for (int i = 0; i < 8; i++)
        bad[i] = good;
    bad[0].saturating = true;
    bad[1].scope = WORKGROUP;
    bad[2].m = 4;
    bad[3].n = 24;
    bad[4].k = 64;
    bad[5].a = F32;
    bad[6].c = F16;
    bad[7].result = F16;
    for (int i = 0; i < 8; i++) {
        venn_matrix_units units;
        cr_expect(!venn_matrix_choose(&bad[i], 1, &units), "shape %d", i);
    }
}

// ---- Products --------------------------------------------------------------------------------

static venn_device *open_emulating(void)
{
    setenv("VENN_FAKE_LIMITS", "family=coop", 1);
    venn_device *device = open_test_device();
    cr_assert(case_sample_profile(device)->matrix.api == VENN_MATRIX_EMULATED);
    unsetenv("VENN_FAKE_LIMITS");
    return device;
}

// Fragments of other sides, and as few lanes as there may be to them.
Test(matrix_units, shapes_of_fragments)
{
    static const uint32_t shapes[][3] = {{16, 16, 16}, {16, 8, 16}, {8, 8, 32}, {8, 16, 8}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        venn_device *device = open_emulating();
        venn_matrix_units *units = &case_sample_profile(device)->matrix;
        units->m = shapes[i][0];
        units->n = shapes[i][1];
        units->k = shapes[i][2];
        cr_expect(venn_matrix_test(device) == VENN_OK, "%u x %u x %u: %s", units->m, units->n,
                  units->k, venn_error_message());
        close_test_device(&device);
    }
}

Test(matrix_units, wide_tiles)
{
    venn_device *device = open_emulating();
    venn_profile *profile = case_sample_profile(device);
    profile->parallelism = 1;
    const venn_gemm gemm = {.m = 129, .n = 140, .k = 96, .batch = 1, .type = VENN_F16};
    const venn_gemm_plan plan = venn_gemm_make_plan(profile, &gemm);
    cr_expect(plan.family == VENN_FAMILY_COOP && plan.wide);
    cr_expect(venn_matrix_test(device) == VENN_OK, "%s", venn_error_message());
    close_test_device(&device);
}

// Only what the device multiplies goes that way.
Test(matrix_units, types)
{
    venn_device *device = open_emulating();
    venn_profile *profile = case_sample_profile(device);
    const venn_gemm f32 = {.m = 64, .n = 64, .k = 64, .batch = 1};
    venn_gemm half = f32;
    cr_expect(!venn_gemm_is_coop(profile, &f32));
    half.type = VENN_BF16;
    cr_expect(venn_gemm_is_coop(profile, &half));
    profile->matrix.api = VENN_MATRIX_KHR;
    cr_expect(!venn_gemm_is_coop(profile, &half));
    half.type = VENN_F16;
    cr_expect(venn_gemm_is_coop(profile, &half));
    profile->matrix.api = VENN_MATRIX_NONE;
    cr_expect(!venn_gemm_is_coop(profile, &half));
    close_test_device(&device);
}

// Convolutions are products, too, and have no such kernel.
Test(matrix_units, convolutions_do_without)
{
    venn_device *device = open_emulating();
    case_sample_run(&(case_sample){device, "C=3 K=4 L=8,11", 1}, "conv1d");
    close_test_device(&device);
}

// ---- Verdict ---------------------------------------------------------------------------------

// Broken: half of the subgroups that the kernel counts on are not there, and half of each tile is not
// computed. Fragments are small enough for half as many lanes.
static void use_small_fragments(venn_profile *profile, bool broken)
{
    profile->matrix.m = profile->matrix.n = 8;
    if (broken)
        profile->subgroup_size /= 2;
}

Test(matrix_units, wrong_products_are_found)
{
    venn_device *device = open_emulating();
    use_small_fragments(case_sample_profile(device), true);
    cr_expect(venn_matrix_test(device) == VENN_UNSUPPORTED);
    cr_expect(strstr(venn_error_message(), "64 x 64 x 32: element 2048 is 0"), "%s",
              venn_error_message());
    close_test_device(&device);
}

// What the profile says after the verdict was found, or read, by a process of its own.
static venn_profile settle(bool broken)
{
    venn_device *device = open_emulating();
    venn_profile *profile = case_sample_profile(device);
    use_small_fragments(profile, broken);
    venn_matrix_settle(device, profile);
    const venn_profile settled = *profile;
    close_test_device(&device);
    return settled;
}

static char *verdict_path(void)
{
    char name[64], *path;
    venn_device *device = open_test_device();
    snprintf(name, sizeof name, "matrix-%s.txt", venn_device_get_info(device)->uuid_text);
    close_test_device(&device);
    cr_assert(venn_cache_path(name, &path) == VENN_OK);
    return path;
}

Test(matrix_units, verdict)
{
    char folder[] = "/tmp/venn-test-XXXXXX";
    cr_assert(mkdtemp(folder) && setenv("XDG_CACHE_HOME", folder, 1) == 0);
    char *path = verdict_path();
    venn_profile p = settle(true);
    cr_expect(p.matrix.api == VENN_MATRIX_NONE &&
                  strstr(p.matrix_note, "wrong: 64 x 64 x 32: element"),
              "%s", p.matrix_note);
    // It is kept: the next process does not try again.
    p = settle(false);
    cr_expect(p.matrix.api == VENN_MATRIX_NONE && strncmp(p.matrix_note, "wrong: ", 7) == 0);
    // Of another driver, or broken: it does not count.
    cr_assert(venn_file_write(path, "venn matrices 1; driver 0", 25) == VENN_OK);
    p = settle(false);
    cr_expect(p.matrix.api == VENN_MATRIX_EMULATED && strstr(p.matrix_note, "found right"));
    p = settle(true); // not tried, as it was right
    cr_expect(p.matrix.api == VENN_MATRIX_EMULATED);
    cr_assert(remove(path) == 0);
    free(path);
    char command[64];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert(system(command) == 0);
}

// Choices of kernels: who makes them, that wisdom is kept, read and refused as it should be, and that no
// choice changes a result.
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "bench/case_run.h"
#include "case_sample.h"
#include "data_files.h"
#include "device_fixture.h"
#include "kernel/kernel.h"
#include "ops/gemm.h"
#include "program_run.h"
#include "venn/tune.h"

#define CLASS "matmul.nn m8 n8 k6 b0"
#define WORK "matmul; M=256 N=256 K=64; MxK KxN; "

static const venn_gemm product = {256, 256, 64, 1, .name = "matmul.nn"};

// A choice that this device's kernels can do and that is not the rule's, for `product`.
static const char *other_choice(const venn_profile *p)
{
    if (p->family == VENN_FAMILY_SHUFFLE)
        return "tile=8 step=4 panels=2";
    return p->family == VENN_FAMILY_DIRECT ? "tile=64 step=16 panels=0"
                                           : "tile=128 step=16 panels=0";
}

static uint32_t other_tile(const venn_profile *p)
{
    return p->family == VENN_FAMILY_SHUFFLE ? 8 : p->family == VENN_FAMILY_DIRECT ? 64 : 128;
}

static uint32_t planned_tile(venn_device *device)
{
    return venn_gemm_make_plan(case_sample_profile(device), &product).tile_m;
}

// ---- Who chooses -----------------------------------------------------------------------------

Test(tuning, the_caller_first)
{
    venn_device *device = open_test_device();
    const venn_profile *p = case_sample_profile(device);
    const uint32_t rule = planned_tile(device), group = p->elementwise_group;
    cr_assert_eq(venn_tune_override(device, "gemm", other_choice(p)), VENN_OK, "%s",
                 venn_error_message());
    cr_expect(rule != other_tile(p));
    cr_expect_eq(planned_tile(device), other_tile(p));
    cr_assert_eq(venn_tune_override(device, "elementwise", "group=64"), VENN_OK);
    cr_expect_eq(p->elementwise_group, 64);
    cr_assert_eq(venn_tune_override(device, "gemm", NULL), VENN_OK);
    cr_expect_eq(planned_tile(device), rule);
    cr_expect_eq(p->elementwise_group, 64);
    cr_assert_eq(venn_tune_override(device, "elementwise", NULL), VENN_OK);
    cr_expect_eq(p->elementwise_group, group);
    close_test_device(&device);
}

// No kernel does this: the rule holds.
Test(tuning, what_cannot_be_is_left_to_the_rule)
{
    venn_device *device = open_test_device();
    const uint32_t rule = planned_tile(device);
    if (case_sample_profile(device)->family == VENN_FAMILY_SHUFFLE) {
        cr_assert_eq(venn_tune_override(device, "gemm", "tile=128 step=8 panels=0"), VENN_OK);
        cr_expect_eq(planned_tile(device), rule);
    }
    if (case_sample_profile(device)->family != VENN_FAMILY_SHUFFLE) {
        cr_assert_eq(venn_tune_override(device, "gemm", "tile=8 step=4 panels=0"), VENN_OK);
        cr_expect_eq(planned_tile(device), rule);
    }
    close_test_device(&device);
}

Test(tuning, nonsense_is_refused)
{
    venn_device *device = open_test_device();
    check_fails(venn_tune_override(device, "gem", ""), VENN_BAD_ARG, "\"gem\"");
    check_fails(venn_tune_override(device, "gemm", "tile=8 panels=0"), VENN_BAD_ARG, "step=");
    check_fails(venn_tune_override(device, "gemm", "tile=9"), VENN_BAD_ARG, "\"tile=9\"");
    check_fails(venn_tune_override(device, "gemm", "tiles=8"), VENN_BAD_ARG, "\"tiles=8\"");
    check_fails(venn_tune_override(device, "gemm", "tile=8x"), VENN_BAD_ARG, "\"tile=8x\"");
    close_test_device(&device);
}

// ---- Wisdom ----------------------------------------------------------------------------------

static void write_wisdom(const char *path, const venn_device_info *info, const char *choice)
{
    venn_tuned_rows rows = {0};
    venn_tuned_row row = {
        .tunable = venn_tuning_find("gemm"), .class = CLASS, .us = 1, .rule_us = 2};
    cr_assert_eq(venn_tuning_read_choice(row.tunable, choice, row.choice), VENN_OK);
    cr_assert_eq(venn_tuned_rows_add(&rows, &row), VENN_OK);
    row = (venn_tuned_row){venn_tuning_find("elementwise"), "all", {64}, 1.5, 1.5};
    cr_assert_eq(venn_tuned_rows_add(&rows, &row), VENN_OK);
    cr_assert_eq(venn_wisdom_write(path, info, &rows), VENN_OK, "%s", venn_error_message());
    free(rows.row);
}

Test(tuning, wisdom_is_used_by_devices_opened_later)
{
    const char *path = scratch_path("of/one/device.txt");
    setenv("VENN_WISDOM", path, 1);
    venn_device *device = open_test_device();
    const venn_profile *p = case_sample_profile(device);
    const uint32_t rule = planned_tile(device), chosen = other_tile(p);
    cr_expect_eq(p->tuning->wisdom.n, 0);
    cr_expect(strstr(p->tuning->wisdom_note, "venn tune"));
    write_wisdom(path, venn_device_get_info(device), other_choice(p));
    cr_expect_eq(planned_tile(device), rule);
    close_test_device(&device);
    device = open_test_device();
    p = case_sample_profile(device);
    cr_assert_eq(p->tuning->wisdom.n, 2, "%s", p->tuning->wisdom_note);
    cr_expect_eq(planned_tile(device), chosen);
    cr_expect_eq(p->elementwise_group, 64);
    const venn_tuned_row *row = p->tuning->wisdom.row;
    cr_expect_str_eq(row->class, CLASS);
    cr_expect(row->us == 1 && row->rule_us == 2);
    close_test_device(&device);
    SUCCEEDS("$venn devices");
    cr_expect(strstr(printed_out, "2 classes") && strstr(printed_out, path), "%s", printed_out);
}

// Text in which every device sees its own.
static char *wisdom_text(const venn_device_info *info)
{
    const char *path = scratch_path("wisdom.txt");
    void *text;
    size_t size;
    write_wisdom(path, info, "tile=8 step=4 panels=2");
    cr_assert_eq(venn_file_read(path, 0, &text, &size), VENN_OK);
    return text;
}

static void expect_refused(const char *text, const venn_device_info *info, const char *says)
{
    venn_tuned_rows rows;
    cr_expect_eq(venn_wisdom_parse("a/wisdom.txt", text, info, &rows), VENN_BAD_FILE, "%s", text);
    cr_expect(strstr(venn_error_message(), "a/wisdom.txt") && strstr(venn_error_message(), says),
              "\"%s\" lacks \"%s\"", venn_error_message(), says);
    cr_expect(rows.n == 0 && !rows.row);
}

static void expect_broken(const venn_device_info *info, const char *old, const char *new,
                          const char *says)
{
    char *text = wisdom_text(info), *at = strstr(text, old);
    cr_assert(at, "%s in %s", old, text);
    char *broken = venn_format("%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    expect_refused(broken, info, says);
    free(broken);
    free(text);
}

Test(tuning, wisdom_of_something_else_is_refused)
{
    venn_device *device = open_test_device();
    venn_device_info info = *venn_device_get_info(device);
    char *text = wisdom_text(&info);
    info.uuid_text[0] = info.uuid_text[0] == '0' ? '1' : '0';
    expect_refused(text, &info, "line 2: measured on another device");
    info = *venn_device_get_info(device);
    info.driver_version++;
    expect_refused(text, &info, "line 3: measured with another driver version");
    expect_broken(venn_device_get_info(device), "shaders ", "shaders 0",
                  "line 4: measured with other kernels");
    free(text);
    close_test_device(&device);
}

Test(tuning, broken_wisdom_is_refused_whole)
{
    venn_device *device = open_test_device();
    const venn_device_info *info = venn_device_get_info(device);
    expect_broken(info, "venn wisdom 1", "venn wisdom 2", "line 1");
    expect_broken(info, "gemm |", "gemn |", "\"gemn");
    expect_broken(info, "tile=8", "tile=7", "no such choice");
    expect_broken(info, " step=4", "", "not complete");
    expect_broken(info, "1.0 2.0", "1.0", "two times");
    expect_broken(info, "1.0 2.0", "-1.0 2.0", "two times");
    expect_broken(info, "1.0 2.0", "1.0 2.0 3.0", "two times");
    expect_broken(info, "| 1.0", "1.0", "four fields");
    expect_broken(info, "1.0 2.0", "1.0 2.0 |", "not a row");
    expect_broken(info, "elementwise", "end\nelementwise", "more behind");
    close_test_device(&device);
}

static venn_device_info present_device;
static venn_status parse_bytes(const char *name, const uint8_t *data, size_t size)
{
    char *text = calloc(size + 1, 1);
    venn_tuned_rows rows;
    memcpy(text, data, size);
    const venn_status status = venn_wisdom_parse(name, text, &present_device, &rows);
    free(rows.row);
    free(text);
    return status;
}

Test(tuning, truncated_and_corrupt_wisdom)
{
    venn_device *device = open_test_device();
    present_device = *venn_device_get_info(device);
    char *text = wisdom_text(&present_device);
    check_truncations(parse_bytes, text, strlen(text));
    check_corruptions(parse_bytes, text, strlen(text));
    free(text);
    close_test_device(&device);
}

// Named, and then ignored: no run fails for it.
Test(tuning, a_broken_file_is_named_and_ignored)
{
    scratch_text("broken.txt", "venn wisdom 1\ndevice none\n");
    setenv("VENN_WISDOM", scratch_path("broken.txt"), 1);
    SUCCEEDS("$venn devices");
    cr_expect(strstr(printed_out, "broken.txt, line 2"), "%s", printed_out);
    cr_expect(strstr(printed_err, "wisdom is ignored") && strstr(printed_err, "broken.txt"), "%s",
              printed_err);
    venn_device *device = open_test_device();
    cr_expect(planned_tile(device) > 0);
    close_test_device(&device);
}

// ---- Results ---------------------------------------------------------------------------------

typedef struct sample {
    venn_device *device;
    venn_case_report report;
    int seen;
} sample;

static bool run_some(void *user, const venn_case *c)
{
    sample *s = user;
    if (s->seen++ % 9 == 0)
        venn_case_run(s->device, c, &s->report);
    return true;
}

static venn_hash bits_of(venn_device *device, const char *op)
{
    sample s = {.device = device};
    for (const venn_case_row *row = venn_case_rows; row->op; row++)
        if (row->kind == VENN_CASE_PLAIN && strcmp(row->op, op) == 0)
            cr_assert(venn_case_each(venn_op_find(op), row, run_some, &s) == VENN_OK);
    cr_expect(s.report.failures == 0 && s.report.cases > 0, "%s: %s", op, s.report.first);
    return s.report.hash;
}

// Right within tolerance, and on devices whose rule is of the same family the very same bits.
static void check_choice(const char *op, const char *choice)
{
    venn_device *device = open_test_device();
    const venn_hash ruled = bits_of(device, op);
    cr_assert_eq(venn_tune_override(device, "gemm", choice), VENN_OK, "%s", venn_error_message());
    const venn_hash chosen = bits_of(device, op);
    if (case_sample_profile(device)->family == VENN_FAMILY_SHUFFLE)
        cr_expect(ruled.low == chosen.low && ruled.high == chosen.high, "%s: %s", op, choice);
    close_test_device(&device);
}

static const char *choice_of_family(const char *shuffle)
{
    venn_device *device = open_test_device();
    const venn_profile *p = case_sample_profile(device);
    const char *choice = p->family == VENN_FAMILY_SHUFFLE ? shuffle : other_choice(p);
    close_test_device(&device);
    return choice;
}

Test(tuning, small_tiles_and_panels_are_right)
{
    check_choice("matmul", choice_of_family("tile=8 step=4 panels=2"));
}

Test(tuning, long_steps_and_panels_are_right)
{
    check_choice("matmul", choice_of_family("tile=32 step=16 panels=2"));
}

Test(tuning, convolutions_are_right)
{
    check_choice("conv2d", choice_of_family("tile=16 step=4 panels=0"));
}

// ---- The tuner -------------------------------------------------------------------------------

static void expect_row(void *user, const venn_tune_row *row)
{
    ++*(int *)user;
    cr_expect_str_eq(row->tunable, "gemm");
    cr_expect_str_eq(row->what, CLASS);
    cr_expect(row->us > 0 && row->us <= row->rule_us);
    cr_expect(row->changed || row->us == row->rule_us);
}

// First use is never half as fast as what tuning finds.
Test(tuning, measures_and_keeps)
{
    const char *path = scratch_path("measured.txt");
    setenv("VENN_WISDOM", path, 1);
    venn_device *device = open_test_device();
    int rows = 0;
    venn_tune_result result;
    const venn_tune_params params = {
        .work = WORK, .limit_seconds = 5, .row = expect_row, .user = &rows};
    cr_assert_eq(venn_tune(device, &params, &result), VENN_OK, "%s", venn_error_message());
    cr_expect(rows == 1 && result.classes == 1);
    cr_expect(result.worst >= 0.5 && result.worst <= 1, "%g", result.worst);
    cr_expect_str_eq(result.path, path);
    cr_expect_eq(case_sample_profile(device)->tuning->wisdom.n, 1);
    close_test_device(&device);
    device = open_test_device();
    cr_expect_eq(case_sample_profile(device)->tuning->wisdom.n, 1, "%s",
                 case_sample_profile(device)->tuning->wisdom_note);
    close_test_device(&device);
}

Test(tuning, the_command)
{
    setenv("VENN_WISDOM", scratch_path("command.txt"), 1);
    SUCCEEDS("$venn tune -q --limit 1 --work '" WORK "' --part a");
    cr_expect(strstr(printed_out, "matmul.nt m8 n6 k8 b0") && strstr(printed_out, "1 classes") &&
                  strstr(printed_out, "command.txt"),
              "%s", printed_out);
    fails(shell("$venn tune -q --only gem"), 2, "\"gem\"", NULL);
    fails(shell("$venn tune -q --work 'matmul; M=2; MxM'"), 2, "matmul", NULL);
}

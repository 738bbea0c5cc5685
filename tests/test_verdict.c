// What `venn doctor` found is kept for the driver and the kernels that it examined, and for no others.
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "device_fixture.h"
#include "op_files.h"
#include "program_run.h"
#include "venn/tune.h"

static const char *say(const venn_device_info *d)
{
    static char text[128];
    venn_verdict v;
    venn_verdict_load(d, &v);
    venn_verdict_text(&v, text, sizeof text);
    return text;
}

static void expect_words(const venn_device_info *d, const char *want)
{
    cr_expect(strstr(say(d), want), "\"%s\" lacks \"%s\"", say(d), want);
}

Test(verdict, holds_for_one_driver_and_these_kernels)
{
    venn_device *device = open_test_device();
    venn_device_info d = *venn_device_get_info(device);
    close_test_device(&device);
    cr_assert_eq(setenv("XDG_CACHE_HOME", scratch_path("cache"), 1), 0);
    expect_words(&d, "not tested: run `venn doctor`");
    SUCCEEDS("$venn devices");
    cr_expect(strstr(printed_out, "examination: not tested"), "%s", printed_out);
    cr_assert_eq(venn_verdict_save(&d, &(venn_verdict){.fit = true, .ops = 7, .cases = 90}),
                 VENN_OK, "%s", venn_error_message());
    expect_words(&d, ": 7 ops, 90 cases");
    SUCCEEDS("$venn devices");
    cr_expect(strstr(printed_out, "examination: passed on "), "%s", printed_out);
    SUCCEEDS("$venn devices --json");
    cr_expect(strstr(printed_out, "\"fit\": true") && strstr(printed_out, "\"same_driver\": true"),
              "%s", printed_out);
    d.driver_version++;
    expect_words(&d, "with another driver: run `venn doctor` again");
    d.driver_version--;
    cr_assert_eq(venn_verdict_save(&d, &(venn_verdict){.ops = 7, .failed_ops = 2}), VENN_OK);
    expect_words(&d, ": 2 of 7 ops");
}

Test(verdict, other_kernels_and_broken_files)
{
    venn_device *device = open_test_device();
    const venn_device_info d = *venn_device_get_info(device);
    close_test_device(&device);
    char path[128];
    cr_assert_eq(setenv("XDG_CACHE_HOME", scratch_path("cache"), 1), 0);
    cr_assert_eq(venn_verdict_save(&d, &(venn_verdict){.fit = true}), VENN_OK);
    snprintf(path, sizeof path, "cache/venn/doctor-%s.json", d.uuid_text);
    char text[2048];
    snprintf(text, sizeof text,
             "{\"driver\": \"%s\", \"driver_version\": %d, \"shaders\": \"0\", "
             "\"date\": \"2020-02-29\", \"fit\": true}",
             d.driver, (int)d.driver_version);
    scratch_text(path, text);
    expect_words(&d, "passed on 2020-02-29 with another version of venn's kernels");
    scratch_text(path, "{\"fit\": true");
    expect_words(&d, "not tested");
    // A file stands where the folder should be.
    scratch_text("flat", "");
    cr_assert_eq(setenv("XDG_CACHE_HOME", scratch_path("flat"), 1), 0);
    cr_expect(venn_verdict_save(&d, &(venn_verdict){.fit = true}) < 0);
    expect_words(&d, "not tested");
}

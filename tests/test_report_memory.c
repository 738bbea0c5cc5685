// What is made of a run's folder where memory runs out: a page, table or file is whole, or the failure is told. The
// same of what a command prints as JSON.
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli/cli.h"
#include "data_files.h"
#include "faulty_memory.h"
#include "program_run.h"
#include "run_fixture.h"
#include "venn/io.h"

static const char *make_run(void)
{
    static const run_fixture small = {.seeds = 2, .epochs = 2, .effect = 0.013};
    static char folder[512];
    snprintf(folder, sizeof folder, "%s", scratch_path("run"));
    run_fixture_write(folder, &small);
    return folder;
}

// The page as text.
static venn_status write_page(const char *folder, char **text)
{
    size_t size;
    *text = NULL;
    const venn_status status = venn_report_write(folder);
    if (status < 0)
        return status;
    char path[600];
    snprintf(path, sizeof path, "%s/report.html", folder);
    return venn_file_read(path, 0, (void **)text, &size);
}

static venn_status write_summary(const char *folder, char **text)
{
    return venn_run_json(folder, "summary.json", text);
}

static void check_each(venn_status make(const char *folder, char **text))
{
    const char *folder = make_run();
    char *whole, *text;
    cr_assert_eq(make(folder, &whole), VENN_OK, "%s", venn_error_message());
    bool all = false;
    for (uint64_t at = 1; !all; at++) {
        faulty_memory_begin(at);
        const venn_status status = make(folder, &text);
        all = faulty_memory_end() < at;
        cr_assert(status == VENN_OK || (!all && status == VENN_NO_MEMORY), "allocation %d: %s",
                  (int)at, venn_error_message());
        if (status == VENN_OK)
            cr_assert_str_eq(text, whole, "allocation %d", (int)at);
        else
            cr_assert(!text && strstr(venn_error_message(), "out of host memory"), "%d: %s",
                      (int)at, venn_error_message());
        free(text);
    }
    free(whole);
}

Test(report_memory, a_page_is_whole_or_none)
{
    setenv("PATH", "/nowhere", 1); // without gnuplot, which has memory of its own
    check_each(write_page);
}

Test(report_memory, a_table_is_whole_or_none)
{
    check_each(venn_summary_table);
}

Test(report_memory, a_kept_file_is_whole_or_none)
{
    check_each(write_summary);
}

Test(report_memory, a_kept_file_has_its_folder)
{
    const char *folder = make_run();
    char *text;
    cr_assert_eq(venn_run_json(folder, "summary.json", &text), VENN_OK, "%s", venn_error_message());
    json_t *object = json_loads(text, 0, NULL);
    cr_assert_str_eq(json_string_value(json_object_get(object, "folder")), folder);
    cr_assert_eq(json_array_size(json_object_get(object, "seeds")), 2);
    json_decref(object);
    free(text);
    check_fails(venn_run_json(folder, "other.json", &text), VENN_BAD_FILE, "run/other.json");
    scratch_text("run/list.json", "[1]");
    check_fails(venn_run_json(folder, "list.json", &text), VENN_BAD_FILE, "is no JSON object");
    cr_assert_null(text);
}

// ---- Commands ----------------------------------------------------------------------------------

Test(report_memory, a_command_that_lost_a_part_says_so)
{
    cli_begin();
    json_t *list = json_array();
    cr_assert_eq(cli_ended(EXIT_OK), EXIT_OK);
    faulty_memory_begin(1);
    json_array_append_new(list, json_integer(1)); // as most commands do, unseen
    cr_assert_eq(faulty_memory_end(), 1);
    cr_assert_eq(cli_ended(EXIT_OK), EXIT_MEMORY);
    cr_assert_eq(cli_ended(EXIT_INPUT), EXIT_INPUT, "a command's own message comes first");
    json_decref(list);
}

Test(report_memory, a_command_that_cannot_print_says_so)
{
    cr_assert_eq(shell("$venn methods --json >/dev/full"), EXIT_FAILED);
    cr_assert(strstr(printed_err, "standard output cannot be written: No space left"), "%s",
              printed_err);
    SUCCEEDS("$venn methods --json");
}

// Result files side by side: files written here, no device.
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/compare.h"

// A result file of one device with rows "a" (share of the peak given) and "b".
typedef struct fixture {
    const char *device, *shaders, *precision, *workload, *status;
    double a_us, b_us, share;
} fixture;

static const fixture fast = {"Fast", "00000000000000000000000000000001",
                             "f32",  "0000000000000000000000000000000a",
                             "ok",   100,
                             50,     0.5};
static const fixture slow = {"Slow", "00000000000000000000000000000001",
                             "f32",  "0000000000000000000000000000000a",
                             "ok",   400,
                             100,    0.25};

static void write_row(FILE *file, const fixture *f, const char *name, double us, const char *end)
{
    fprintf(file,
            "{\"kind\": \"kernel\", \"name\": \"%s\", \"part\": \"forward\", \"workload\": \"%s\", "
            "\"status\": \"%s\", \"reason\": \"\", \"median_us\": %g, \"low_us\": %g, \"high_us\": "
            "%g, \"flops\": 10, \"bytes\": 10, \"gflops\": 1, \"gbs\": 1, \"peak_share\": %g, "
            "\"joules\": 0.25, \"clock_mhz\": 1410, \"numerics\": {\"error\": 0.5, \"limit\": 1, "
            "\"unit\": \"tolerances\"}}%s\n",
            name, f->workload, f->status, us, us * 0.95, us * 1.05, f->share, end);
}

static char *write_file(const fixture *f)
{
    char *path = strdup("/tmp/venn-compare-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");
    cr_assert(file);
    fprintf(file,
            "{\"format\": \"venn-bench\", \"version\": 1, \"shaders\": \"%s\", \"precision\": "
            "\"%s\", \"devices\": [{\"device\": {\"name\": \"%s\"}, \"status\": \"ok\", "
            "\"reason\": \"\", \"peaks\": {\"copy_gbs\": 10, \"fma_gflops\": 100, "
            "\"dispatch_us\": 1, \"submit_us\": 10}, \"rows\": [\n",
            f->shaders, f->precision, f->device);
    write_row(file, f, "a <&>", f->a_us, ",");
    write_row(file, f, "b", f->b_us, "");
    fprintf(file, "]}]}\n");
    fclose(file);
    return path;
}

static void erase(char *path)
{
    unlink(path);
    free(path);
}

// Files of two fixtures, compared and removed.
static venn_status compare(const fixture *a, const fixture *b, venn_compare_format format,
                           char **text)
{
    char *paths[] = {write_file(a), write_file(b)};
    venn_status status = venn_bench_compare((const char *const *)paths, 2, format, text);
    erase(paths[0]);
    erase(paths[1]);
    return status;
}

static size_t gate(const fixture *before, const fixture *now, double slowdown)
{
    size_t worse;
    char *paths[] = {write_file(before), write_file(now)};
    cr_assert(venn_bench_gate(paths[0], paths[1], slowdown, NULL, NULL, &worse) == VENN_OK, "%s",
              venn_error_message());
    erase(paths[0]);
    erase(paths[1]);
    return worse;
}

Test(compare, scores)
{
    venn_comparison c;
    char *paths[] = {write_file(&fast), write_file(&slow)};
    cr_assert(venn_comparison_read(&c, (const char *const *)paths, 2, false) == VENN_OK);
    cr_assert(c.n_systems == 2 && c.n_works == 2);
    cr_assert(venn_compared_best(&c, &c.works[0]) == 0);
    cr_assert(venn_compared_ties_best(&c, &c.works[0], 0));
    cr_assert(!venn_compared_ties_best(&c, &c.works[0], 1));
    cr_assert_float_eq(venn_compared_portability(&c, &c.works[0]), 2 / (1 / 0.5 + 1 / 0.25), 1e-12);
    cr_assert_float_eq(venn_comparison_speed(&c, 0, 1), sqrt(4 * 2.0), 1e-12);
    venn_comparison_free(&c);
    erase(paths[0]);
    erase(paths[1]);
}

Test(compare, wrong_rows_are_never_ranked)
{
    fixture wrong = fast;
    wrong.status = "wrong";
    venn_comparison c;
    char *paths[] = {write_file(&wrong), write_file(&slow)};
    cr_assert(venn_comparison_read(&c, (const char *const *)paths, 2, false) == VENN_OK);
    cr_assert(venn_compared_best(&c, &c.works[0]) == 1, "the slower one is the only right one");
    cr_assert(venn_compared_portability(&c, &c.works[0]) == 0);
    cr_assert(isnan(venn_comparison_speed(&c, 0, 1)));
    venn_comparison_free(&c);
    erase(paths[0]);
    erase(paths[1]);
}

static void refuses(const fixture *a, const fixture *b, const char *because)
{
    char *text;
    cr_assert(compare(a, b, VENN_COMPARE_MARKDOWN, &text) == VENN_BAD_FILE);
    cr_assert(strstr(venn_error_message(), because), "%s", venn_error_message());
    cr_assert(!text);
}

Test(compare, refuses_what_cannot_be_ranked)
{
    fixture other = slow;
    other.shaders = "00000000000000000000000000000002";
    refuses(&fast, &other, "other shaders");
    other = slow;
    other.precision = "f16";
    refuses(&fast, &other, "another precision");
    other = slow;
    other.workload = "0000000000000000000000000000000b";
    refuses(&fast, &other, "other work");
}

Test(compare, refuses_other_files)
{
    char path[] = "/tmp/venn-compare-XXXXXX", *text;
    const char *const paths[] = {path};
    FILE *file = fdopen(mkstemp(path), "w");
    fputs("{\"format\": \"something\"}", file);
    fclose(file);
    cr_assert(venn_bench_compare(paths, 1, VENN_COMPARE_CSV, &text) == VENN_BAD_FILE);
    cr_assert(strstr(venn_error_message(), "venn bench -o"), "%s", venn_error_message());
    unlink(path);
    cr_assert(venn_bench_compare(paths, 1, VENN_COMPARE_CSV, &text) == VENN_BAD_FILE);
    cr_assert(strstr(venn_error_message(), path), "%s", venn_error_message());
}

Test(compare, markdown)
{
    char *text;
    cr_assert(compare(&fast, &slow, VENN_COMPARE_MARKDOWN, &text) == VENN_OK);
    cr_assert(strstr(text, "| a <&>, forward | **95.0"), "%s", text);
    cr_assert(strstr(text, "Fast is 2.83 times as fast as Slow"), "%s", text);
    free(text);
}

Test(compare, csv)
{
    char *text;
    size_t lines = 0;
    cr_assert(compare(&fast, &slow, VENN_COMPARE_CSV, &text) == VENN_OK);
    for (const char *at = text; *at; at++)
        lines += *at == '\n';
    cr_assert(lines == 5 && strstr(text, "\"Slow\"") && strstr(text, ",0.25,1410\n"), "%s", text);
    free(text);
}

Test(compare, page)
{
    char *text;
    cr_assert(compare(&fast, &slow, VENN_COMPARE_PAGE, &text) == VENN_OK, "%s",
              venn_error_message());
    cr_assert(strstr(text, "a &lt;&amp;&gt;") && !strstr(text, "a <&>"), "texts are escaped");
    cr_assert(strstr(text, "Fast is 2.83 times as fast as Slow"));
    cr_assert(strstr(text, ", 0.25 J, 1410 MHz"));
    cr_assert(strstr(text, "</html>"));
    free(text);
}

Test(compare, gate_accepts_itself)
{
    cr_assert(gate(&fast, &fast, 1) == 0);
}

Test(compare, gate_sees_slowdowns)
{
    fixture now = fast;
    now.a_us = 120; // its interval begins at 114, the old one ends at 105
    cr_assert(gate(&fast, &now, 1) == 1);
    cr_assert(gate(&fast, &now, 1.1) == 0, "within the allowance");
    cr_assert(gate(&now, &fast, 1) == 0, "faster is not worse");
}

Test(compare, gate_sees_wrong_numbers_and_missing_devices)
{
    fixture now = fast;
    now.status = "wrong";
    now.shaders = "00000000000000000000000000000002"; // which a gate allows
    cr_assert(gate(&fast, &now, 1) == 2);
    cr_assert(gate(&fast, &slow, 1) == 1, "the device is not there");
}

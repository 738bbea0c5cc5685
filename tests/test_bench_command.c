// `venn bench` and `venn compare`, as users run them: what is printed and written, that others read it, and which
// options go together.
#include <criterion/criterion.h>
#include <jansson.h>
#include <string.h>

#include "data_files.h"
#include "program_run.h"

enum { USAGE = 2, INPUT = 3 };

#define MATMUL "matmul; M=16 N=16 K=16; MxK KxN"

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    cr_assert(json_is_number(value), "%s: %s", key, printed_out);
    return json_number_value(value);
}

static json_t *printed_json(const char *text)
{
    json_error_t error;
    json_t *json = json_loads(text, 0, &error);
    cr_assert(json, "%s: %s", error.text, text);
    return json;
}

static void usage(const char *options, const char *says)
{
    cr_expect_eq(shell("$venn bench %s", options), USAGE, "%s", options);
    cr_expect(strstr(printed_err, says), "%s: %s", options, printed_err);
    cr_expect_str_empty(printed_out);
}

Test(bench_command, refuses_what_does_not_go_together)
{
    usage("--nodes", "--nodes needs --step");
    usage("--part forward", "--part and --paced need --work");
    usage("--paced", "--part and --paced need --work");
    usage("--step mlp --peaks", "one of --step, --work and --peaks");
    usage("--peaks -o peaks.json", "neither --output, --suite nor several devices");
    usage("--step mlp --device 0 --device 1", "neither --output, --suite nor several devices");
    usage("--device all --device 0", "--device all goes with no other --device");
    usage("--limit 0", "--limit must be a positive number");
    usage("--limit 5s", "--limit must be a positive number");
    usage("--samples 0", "--samples");
}

Test(bench_command, refuses_what_is_not_there)
{
    fails(shell("$venn bench --suite slow"), USAGE, "no suite \"slow\"", "quick or full", NULL);
    fails(shell("$venn bench --step gpt5"), USAGE, "gpt5", "lenet", NULL);
    fails(shell("$venn bench --work 'matmul; M=2'"), USAGE, "matmul", NULL);
    fails(shell("$venn bench --work '" MATMUL "' --part nobody"), USAGE, "nobody", NULL);
}

Test(bench_command, times_a_step)
{
    SUCCEEDS("$venn bench --step mlp --samples 3");
    cr_expect(strncmp(printed_out, "mlp ", 4) == 0 && strstr(printed_out, "(median of 3)") &&
                  strstr(printed_out, " in 1 submission,"),
              "%s", printed_out);
    SUCCEEDS("$venn bench --step mlp --samples 3 --json");
    json_t *rows = printed_json(printed_out), *row = json_array_get(rows, 0);
    const json_t *samples = json_object_get(row, "samples_us");
    cr_assert_eq(json_array_size(samples), 3);
    // As they came; the median is the second of them in order.
    int below = 0;
    for (size_t i = 0; i < 3; i++)
        below += json_number_value(json_array_get(samples, i)) <= number(row, "median_us");
    cr_expect_geq(below, 2);
    cr_expect_gt(number(row, "flops"), 0);
    cr_expect_eq(number(row, "submissions"), 1);
    json_decref(rows);
    SUCCEEDS("$venn bench --step mlp --nodes");
    cr_expect(strstr(printed_out, " us  student forward ") && strstr(printed_out, " matmul "), "%s",
              printed_out);
}

Test(bench_command, times_a_case)
{
    SUCCEEDS("$venn bench --work '" MATMUL "' --samples 4");
    cr_expect(strncmp(printed_out, MATMUL ": ", strlen(MATMUL ": ")) == 0 &&
                  strstr(printed_out, "(medians of 4)"),
              "%s", printed_out);
    SUCCEEDS("$venn bench --work '" MATMUL "' --part a --samples 2");
    cr_expect(strstr(printed_out, MATMUL ", a: "), "%s", printed_out);
    // Once for each line that comes, at the pace of whoever sends them.
    SUCCEEDS("printf 'go\\ngo\\ngo\\n' | $venn bench --work '" MATMUL "' --samples 2 --paced");
    int lines = 0;
    for (char *line = strtok(printed_out, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        json_t *row = printed_json(line);
        cr_expect_str_eq(json_string_value(json_object_get(row, "work")), MATMUL);
        cr_expect_eq(json_array_size(json_object_get(row, "wall_us")), 2);
        cr_expect_eq(number(row, "flops"), 2 * 16 * 16 * 16);
        json_decref(row);
    }
    cr_expect_eq(lines, 3);
}

Test(bench_command, measures_peaks)
{
    SUCCEEDS("$venn bench --peaks --json");
    json_t *peaks = printed_json(printed_out);
    static const char *const keys[] = {"copy_gbs", "fma_gflops", "dispatch_us", "submit_us"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        cr_expect_gt(number(peaks, keys[i]), 0, "%s", keys[i]);
    json_decref(peaks);
}

// A result file, and what `venn compare` makes of it and of a slower copy.
Test(bench_command, compares_what_it_wrote)
{
    SUCCEEDS("$venn bench --only mlp --samples 2 -o fast.json");
    cr_expect(strstr(printed_out, "written: fast.json"), "%s", printed_out);
    json_t *file = json_load_file(scratch_path("fast.json"), 0, NULL);
    json_t *device = json_array_get(json_object_get(file, "devices"), 0);
    json_t *rows = json_object_get(device, "rows"), *row;
    size_t i;
    cr_assert_gt(json_array_size(rows), 0);
    json_array_foreach(rows, i, row)
    {
        const char *name = json_string_value(json_object_get(row, "name"));
        cr_assert_str_eq(json_string_value(json_object_get(row, "status")), "ok", "%s", name);
        cr_expect_eq(strncmp(name, "mlp", 3), 0, "%s", name);
        static const char *const times[] = {"median_us", "low_us", "high_us"};
        for (size_t k = 0; k < 3; k++)
            json_object_set_new(row, times[k], json_real(2 * number(row, times[k])));
    }
    json_object_set_new(json_object_get(device, "device"), "name", json_string("Half"));
    cr_assert_eq(json_dump_file(file, scratch_path("slow.json"), 0), 0);
    json_decref(file);

    SUCCEEDS("$venn compare fast.json slow.json");
    cr_expect(strstr(printed_out, "Half") && strstr(printed_out, "| mlp"), "%s", printed_out);
    SUCCEEDS("$venn compare fast.json slow.json --csv");
    cr_expect(strstr(printed_out, "\"Half\""), "%s", printed_out);
    SUCCEEDS("$venn compare fast.json slow.json -o page.html");
    cr_expect(strstr(printed_out, "written: page.html"), "%s", printed_out);
    SUCCEEDS("grep -q 'milliseconds a step' page.html && grep -q '%% of the step' page.html");
    SUCCEEDS("$venn compare slow.json --gate fast.json --slowdown 10; $venn compare fast.json "
             "--gate fast.json");
    cr_expect(strstr(printed_out, "nothing got worse"), "%s", printed_out);
}

Test(bench_command, compare_refuses)
{
    cr_expect_eq(shell("$venn compare"), USAGE);
    cr_expect(strstr(printed_err, "which files?"), "%s", printed_err);
    cr_expect_eq(shell("$venn compare a b --gate c"), USAGE);
    cr_expect(strstr(printed_err, "--gate takes one file"), "%s", printed_err);
    cr_expect_eq(shell("$venn compare a --gate c --slowdown 0.9"), USAGE);
    cr_expect(strstr(printed_err, "--slowdown must be 1 or more"), "%s", printed_err);
    fails(shell("$venn compare nothing.json"), INPUT, "nothing.json", NULL);
    fails(shell("$venn compare nothing.json --gate other.json"), INPUT, "other.json", NULL);
}

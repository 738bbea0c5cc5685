// Several methods in one run: each student is the one that its method alone would have made, and what cannot
// stand in one table is refused.
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "op_files.h"
#include "program_run.h"
#include "tiny_job.h"

enum { USAGE = 2, INPUT = 3, INTERRUPTED = 7 };

static void *read_file(const char *folder, const char *name, size_t *size)
{
    char path[256];
    void *bytes;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    cr_assert_eq(venn_file_read(scratch_path(path), 0, &bytes, size), VENN_OK, "%s",
                 venn_error_message());
    return bytes;
}

static void check_same(const char *folder_a, const char *a, const char *folder_b, const char *b)
{
    size_t nx, ny;
    void *x = read_file(folder_a, a, &nx), *y = read_file(folder_b, b, &ny);
    cr_assert(nx == ny && memcmp(x, y, nx) == 0, "%s/%s and %s/%s differ", folder_a, a, folder_b,
              b);
    free(x);
    free(y);
}

static void check_same_students(const char *folder_a, const char *a, const char *folder_b,
                                const char *b)
{
    for (int seed = 0; seed < 2; seed++) {
        char x[128], y[128];
        snprintf(x, sizeof x, "seed-%d/%s/best.safetensors", seed, a);
        snprintf(y, sizeof y, "seed-%d/%s/best.safetensors", seed, b);
        check_same(folder_a, x, folder_b, y);
    }
}

Test(comparison, every_student_is_what_its_method_alone_makes)
{
    tiny_write();
    tiny_changed("default.yaml", tiny_config, "  temperature: 2\n", "", NULL);
    tiny_changed("tf-kd.yaml", tiny_config, "name: kd\n  temperature: 2", "name: tf-kd", NULL);
    SUCCEEDS("$venn distill job.yaml -o kd");
    SUCCEEDS("$venn distill default.yaml -o default");
    SUCCEEDS("$venn distill tf-kd.yaml -o tf-kd");
    // The config's own parameters are those of the first kd, the defaults of the second.
    SUCCEEDS("$venn distill job.yaml --compare kd,tf-kd,kd -o all");
    cr_assert(strstr(printed_out, "vs student") && strstr(printed_out, "memory") &&
                  strstr(printed_out, "kd-2 (picture)"),
              "%s", printed_out);
    check_same_students("all", "student", "kd", "student");
    check_same_students("all", "kd", "kd", "distilled");
    check_same_students("all", "tf-kd", "tf-kd", "distilled");
    check_same_students("all", "kd-2", "default", "distilled");
    // The same comparison from a file that lists it.
    SUCCEEDS("$venn distill all/config.yaml -o again");
    check_same_students("all", "kd-2", "again", "kd-2");
}

Test(comparison, summary_pairs_every_method_with_the_student)
{
    tiny_write();
    SUCCEEDS("$venn distill job.yaml --compare dml,kd -o run");
    json_t *summary = json_load_file(scratch_path("run/summary.json"), 0, NULL);
    json_t *pairs = json_object_get(summary, "paired"),
           *stages = json_object_get(summary, "stages");
    cr_assert_eq(json_array_size(pairs), 2);
    cr_assert_eq(json_array_size(stages), 4);
    for (size_t k = 0; k < 2; k++) {
        const json_t *pair = json_array_get(pairs, k), *stage = json_array_get(stages, k + 2);
        cr_assert_str_eq(json_string_value(json_object_get(pair, "baseline")), "student");
        cr_assert_str_eq(json_string_value(json_object_get(pair, "stage")), k ? "kd" : "dml");
        for (size_t seed = 0; seed < 2; seed++) {
            const json_t *run = json_array_get(json_object_get(stage, "runs"), seed);
            const json_t *base =
                json_array_get(json_object_get(json_array_get(stages, 1), "runs"), seed);
            cr_assert_float_eq(
                json_number_value(json_array_get(json_object_get(pair, "per_seed"), seed)),
                json_number_value(json_object_get(run, "test_accuracy")) -
                    json_number_value(json_object_get(base, "test_accuracy")),
                1e-12);
        }
        cr_assert(json_integer_value(json_object_get(stage, "memory")) > 0);
        cr_assert(
            json_integer_value(json_object_get(json_object_get(stage, "step"), "dispatches")) > 5);
    }
    json_decref(summary);
    size_t size;
    char *page = read_file("run", "report.html", &size);
    cr_assert(strstr(page, "<h2>Methods</h2>") && strstr(page, ">memory<"), "%.*s", (int)size,
              page);
    free(page);
}

Test(comparison, resumes_bit_for_bit)
{
    tiny_write();
    SUCCEEDS("$venn distill job.yaml --compare kd,tf-kd -o whole");
    int code = shell_interrupted("tf-kd, seed 0: epoch 1",
                                 "$venn distill job.yaml --compare kd,tf-kd -v -o cut");
    cr_assert_eq(code, INTERRUPTED, "exit code %d: %s", code, printed_err);
    SUCCEEDS("$venn distill --resume cut");
    check_same_students("whole", "kd", "cut", "kd");
    check_same_students("whole", "tf-kd", "cut", "tf-kd");
}

Test(comparison, says_what_cannot_be_compared)
{
    tiny_write();
    fails(shell("$venn distill job.yaml --compare kd,rdk -o run"), INPUT,
          "there is no method \"rdk\"", "tf-kd", NULL);
    fails(shell("$venn distill job.yaml --compare , -o run"), USAGE, "no method is named", NULL);
    fails(shell("$venn train job.yaml --compare kd -o run"), USAGE, "venn distill", NULL);
    tiny_changed("both.yaml", tiny_config, "  temperature: 2\n",
                 "  temperature: 2\ncompare: [{name: kd}]\n", NULL);
    fails(shell("$venn distill both.yaml -o run"), INPUT, "both.yaml:", "put the method", NULL);
    tiny_changed("list.yaml", tiny_config, "method:\n  name: kd\n  temperature: 2\n",
                 "compare:\n  - {name: kd, temprature: 2}\n", NULL);
    fails(shell("$venn distill list.yaml -o run"), INPUT, "list.yaml:", "temprature", NULL);
    tiny_changed("dml.yaml", tiny_config, "method:\n  name: kd\n  temperature: 2\n",
                 "compare:\n  - {name: kd}\n  - {name: dml, temperature: -1}\n", NULL);
    fails(shell("$venn distill dml.yaml -o run"), INPUT, "dml.yaml:", "temperature", NULL);
    tiny_changed("one.yaml", tiny_config, "method:\n  name: kd\n  temperature: 2\n",
                 "compare: [{name: kd}]\n", NULL);
    fails(shell("$venn distill one.yaml --compare kd -o run"), USAGE, "already", NULL);
    cr_assert(!venn_file_exists(scratch_path("run")));
}

Test(comparison, inspects_every_method)
{
    tiny_write();
    tiny_changed("list.yaml", tiny_config, "method:\n  name: kd\n  temperature: 2\n",
                 "compare: [{name: kd}, {name: tf-kd}]\n", NULL);
    SUCCEEDS("$venn inspect list.yaml");
    cr_assert(strstr(printed_out, "distilling step of kd, batch 8") &&
                  strstr(printed_out, "distilling step of tf-kd"),
              "%s", printed_out);
}

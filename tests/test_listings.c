// What the program tells of itself: methods with their needs, equations and parameters, and the words that shells
// complete.
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "program_run.h"

enum { USAGE = 2 };

Test(listings, methods)
{
    SUCCEEDS("$venn methods");
    cr_expect(strstr(printed_out, "\ndkd        ") && strstr(printed_out, "needs: ") &&
                  strstr(printed_out, "needs: nothing but the student") &&
                  strstr(printed_out, "status: "),
              "%s", printed_out);
    SUCCEEDS("$venn methods show cmd");
    // A number with its range, a choice with its names, and where the default comes from.
    cr_expect(strstr(printed_out, "\n  temperature        0.07 (0.001 to 1000)\n") &&
                  strstr(printed_out, "\n  teachers           all (all, first)\n") &&
                  strstr(printed_out, "default: official code\n") &&
                  strstr(printed_out, "\nequations:\n  contrast "),
              "%s", printed_out);
}

// Text and JSON are made from one table; every method's JSON says the same as the table.
Test(listings, a_method_as_json)
{
    SUCCEEDS("$venn methods show cmd --json");
    json_t *cmd = json_loads(printed_out, 0, NULL), *param;
    size_t i, found = 0;
    cr_assert(cmd, "%s", printed_out);
    cr_expect_str_eq(json_string_value(json_object_get(cmd, "name")), "cmd");
    cr_expect_gt(json_array_size(json_object_get(cmd, "equations")), 2);
    json_array_foreach(json_object_get(cmd, "parameters"), i, param)
    {
        const char *key = json_string_value(json_object_get(param, "key"));
        const json_t *value = json_object_get(param, "default");
        if (strcmp(key, "queue") == 0) {
            found++;
            cr_expect_eq(json_integer_value(value), 1024);
            cr_expect_float_eq(json_number_value(json_object_get(param, "low")), 1, 0);
        } else if (strcmp(key, "teachers") == 0) {
            found++;
            cr_expect_str_eq(json_string_value(value), "all");
            cr_expect_eq(json_array_size(json_object_get(param, "choices")), 2);
        }
    }
    cr_expect_eq(found, 2);
    json_decref(cmd);
    SUCCEEDS("$venn methods --json >all.json; $venn methods | grep -c 'status: '");
    const int methods = atoi(printed_out);
    SUCCEEDS("grep -c '^    \"reference\": ' all.json");
    cr_expect_eq(atoi(printed_out), methods);
}

Test(listings, refuse_methods_that_are_not_there)
{
    fails(shell("$venn methods show kdd"), USAGE, "no method \"kdd\"", "`venn methods`", NULL);
    cr_expect_eq(shell("$venn methods show"), USAGE);
    cr_expect(strstr(printed_err, "show which method?"), "%s", printed_err);
    cr_expect_eq(shell("$venn methods kd"), USAGE);
    cr_expect(strstr(printed_err, "nothing is known of \"kd\""), "%s", printed_err);
}

Test(listings, words_to_complete)
{
    SUCCEEDS("$venn completion words d");
    cr_expect_str_eq(printed_out, "distill\ndevices\ndoctor\n");
    SUCCEEDS("$venn completion words train dig");
    cr_expect(strstr(printed_out, "digits"), "%s", printed_out);
    SUCCEEDS("$venn completion words distill --see");
    cr_expect_str_eq(printed_out, "--seeds=\n");
    SUCCEEDS("$venn completion words op soft");
    cr_expect(strstr(printed_out, "softmax\n") && !strstr(printed_out, "relu\n"), "%s",
              printed_out);
    // A value, which only the shell can complete.
    SUCCEEDS("$venn completion words distill --out d");
    cr_expect_str_empty(printed_out);
    SUCCEEDS("$venn completion words distill --out=d");
    cr_expect_str_empty(printed_out);
    SUCCEEDS("$venn completion words train -");
    cr_expect(strstr(printed_out, "\n-o\n"), "%s", printed_out);
}

Test(listings, scripts_of_shells)
{
    static const char *const shells[] = {"bash", "zsh", "fish"};
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        SUCCEEDS("$venn completion %s", shells[i]);
        cr_expect(strstr(printed_out, "completion words"), "%s: %s", shells[i], printed_out);
    }
    cr_expect_eq(shell("$venn completion csh"), USAGE);
    cr_expect_eq(shell("$venn completion"), USAGE);
}

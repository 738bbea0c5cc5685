// The commands of the hypothesis on a job of seconds: which teacher, which features, the diagram, and the page
// of what they leave.
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data_files.h"
#include "program_run.h"
#include "tiny_job.h"

enum { USAGE = 2, INPUT = 3 };

static json_t *read_json(const char *file)
{
    json_error_t error;
    json_t *object = json_load_file(scratch_path(file), 0, &error);
    cr_assert(object, "%s:%d: %s", file, error.line, error.text);
    return object;
}

static const json_t *row(const json_t *root, size_t i)
{
    return json_array_get(json_object_get(root, "rows"), i);
}

static double mean(const json_t *root, size_t i, const char *key)
{
    const json_t *stat = json_object_get(row(root, i), key);
    return json_number_value(json_object_get(stat, "mean"));
}

static const char *name(const json_t *root, size_t i)
{
    return json_string_value(json_object_get(row(root, i), "name"));
}

static double distilled_accuracy(const json_t *summary, size_t stage)
{
    const json_t *one = json_array_get(json_object_get(summary, "stages"), stage);
    const json_t *run = json_array_get(json_object_get(one, "runs"), 0);
    return 100 * json_number_value(json_object_get(run, "test_accuracy"));
}

// The first teacher and its student are those of `venn distill`; a second config adds a row, with gains that
// are differences to the student alone.
Test(mfh_commands, teachers)
{
    tiny_write();
    tiny_changed("better.yaml", tiny_config, "name: tiny", "name: better", "{modality: sound,",
                 "{modality: picture,", NULL);
    SUCCEEDS("$venn mfh teachers job.yaml better.yaml --seeds 1 -q -o teachers.json");
    cr_expect(strstr(printed_out, "no teacher") && strstr(printed_out, "better"), "%s",
              printed_out);
    SUCCEEDS("$venn distill job.yaml --seeds 1 -q -o run");
    json_t *root = read_json("teachers.json"), *summary = read_json("run/summary.json");
    cr_assert_str_eq(name(root, 0), "no teacher");
    cr_assert_str_eq(name(root, 1), "tiny");
    cr_assert_str_eq(name(root, 2), "better");
    cr_expect_float_eq(mean(root, 1, "teacher"), distilled_accuracy(summary, 0), 1e-9);
    cr_expect_float_eq(mean(root, 0, "student"), distilled_accuracy(summary, 1), 1e-9);
    cr_expect_float_eq(mean(root, 1, "student"), distilled_accuracy(summary, 2), 1e-9);
    for (size_t i = 0; i < 3; i++)
        cr_expect_float_eq(mean(root, i, "gain"),
                           mean(root, i, "student") - mean(root, 0, "student"), 1e-9);
    cr_expect_str_eq(json_string_value(json_object_get(root, "command")),
                     "venn mfh teachers job.yaml better.yaml --seeds 1");
    json_decref(root);
    json_decref(summary);
}

// Rows for each share and way of choosing; rankings are made once and found again.
Test(mfh_commands, features)
{
    tiny_write();
    tiny_changed("ranked.yaml", tiny_config, "method:\n", "ranking: {permutations: 2}\nmethod:\n",
                 NULL);
    const char *command = "$venn mfh features ranked.yaml --seeds 1 --ratios 0.5,0.75 "
                          "--semantics zero --rankings ranks -q -o %s";
    SUCCEEDS(command, "features.json");
    SUCCEEDS("ls ranks/seed-0/ranking.json");
    SUCCEEDS("cp -p ranks/seed-0/ranking.json before.json");
    SUCCEEDS(command, "again.json");
    SUCCEEDS("cmp ranks/seed-0/ranking.json before.json && ! test ranks/seed-0/ranking.json -nt "
             "before.json");
    json_t *root = read_json("features.json"), *again = read_json("again.json");
    static const char *const names[] = {
        "no teacher",         "all features",      "general, 50 % out", "random, 50 % out",
        "specific, 50 % out", "general, 75 % out", "random, 75 % out",  "specific, 75 % out"};
    cr_assert(json_array_size(json_object_get(root, "rows")) == 8);
    for (size_t i = 0; i < 8; i++) {
        cr_expect_str_eq(name(root, i), names[i]);
        cr_expect(mean(root, i, "student") == mean(again, i, "student"), "%s", names[i]);
        cr_expect(mean(root, i, "teacher") == mean(again, i, "teacher"), "%s", names[i]);
    }
    cr_expect(json_is_null(json_object_get(json_object_get(row(root, 0), "teacher"), "mean")));
    json_decref(root);
    json_decref(again);
}

Test(mfh_commands, diagram_and_page)
{
    tiny_write();
    SUCCEEDS("$venn mfh diagram job.yaml -q -o diagram.json");
    cr_expect(strstr(printed_out, "a: sound (small), 8 channels of 1, test accuracy"), "%s",
              printed_out);
    cr_expect(strstr(printed_out, "from 48 pairs of tiny"), "%s", printed_out);
    SUCCEEDS("$venn mfh diagram job.yaml -q --json --epochs 1");
    cr_expect(strstr(printed_out, "\"command\": \"venn mfh diagram job.yaml --epochs 1\""), "%s",
              printed_out);
    SUCCEEDS("$venn mfh report diagram.json -q -o page.html");
    SUCCEEDS("grep -F '<code>venn mfh diagram job.yaml</code>' page.html");
    SUCCEEDS("grep -F '<code>venn mfh report diagram.json -o page.html</code>' page.html");
}

// Without files a report runs what is missing, leaves out what has no data, and needs something to show.
Test(mfh_commands, report_runs_what_is_missing)
{
    SUCCEEDS("$venn mfh report --only gamma --seeds 1 --folder results -q");
    cr_expect(strstr(printed_out, "results/mfh.html"), "%s", printed_out);
    SUCCEEDS("ls results/gamma.json && grep -F 'sweep gamma --seeds 1' results/mfh.html");
    SUCCEEDS("VENN_DATA=/nowhere $venn mfh report --only gamma,mfeat-diagram --folder results -v");
    cr_expect(strstr(printed_err, "mfeat-diagram is left out"), "%s", printed_err);
    cr_expect(!strstr(printed_err, "mfh report: gamma"), "%s", printed_err);
    fails(shell("VENN_DATA=/nowhere $venn mfh report --only mfeat-diagram --folder none -q"), INPUT,
          "nothing to report", NULL);
}

// The whole way on real data: description, ranking, choices of features, page.
Test(mfh_commands, real_features)
{
    real_data_folder("mfeat");
    SUCCEEDS("VENN_DATA=${VENN_DATA:-" VENN_SOURCE_DIR
             "/../shared/data} $venn mfh features mfeat-kd --seeds 1 --epochs 3 --ratios 0.5 -q "
             "--rankings ranks -o features.json");
    json_t *root = read_json("features.json");
    cr_expect(mean(root, 1, "teacher") > 50, "%g", mean(root, 1, "teacher"));
    cr_expect(mean(root, 0, "student") > 20 && mean(root, 0, "student") < 90, "%g",
              mean(root, 0, "student"));
    for (size_t i = 2; i < 5; i++)
        cr_expect(mean(root, i, "teacher") < mean(root, 1, "teacher"), "%s", name(root, i));
    json_decref(root);
}

Test(mfh_commands, refuses)
{
    tiny_write();
    cr_expect(shell("$venn mfh features job.yaml --ratios 0.5,1.5") == USAGE &&
                  strstr(printed_err, "--ratios"),
              "%s", printed_err);
    cr_expect(shell("$venn mfh features job.yaml job.yaml") == USAGE &&
                  strstr(printed_err, "one config too many"),
              "%s", printed_err);
    cr_expect(shell("$venn mfh teachers") == USAGE && strstr(printed_err, "which config"), "%s",
              printed_err);
    cr_expect(shell("$venn mfh report --only gama") == USAGE && strstr(printed_err, "\"gama\""),
              "%s", printed_err);
    cr_expect(shell("$venn mfh diagramm") == USAGE && strstr(printed_err, "diagramm"), "%s",
              printed_err);
    fails(shell("$venn mfh report none.json -q"), INPUT, "none.json", NULL);
    tiny_changed("featured.yaml", tiny_config, "  cache: true\n", "  features: {mode: general}\n",
                 NULL);
    fails(shell("$venn mfh teachers featured.yaml -q"), INPUT, "featured.yaml", "features", NULL);
    tiny_changed("alone.yaml", tiny_config,
                 "teacher:\n  inputs: [{modality: sound, network: small}]\n  cache: true\n", "",
                 "  name: kd\n  temperature: 2\n", "  name: none\n", NULL);
    fails(shell("$venn mfh diagram alone.yaml -q"), INPUT, "alone.yaml", "teacher", NULL);
}

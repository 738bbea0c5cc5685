// Ranking loss: with it at k = 5 the likeliest classes of student and teacher agree more, in order too, than with
// the divergence alone. Target over 3 data sets (tests/science): by 4 points each; here one data set, where
// the gains are 5 to 14.
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>

#include "data_files.h"
#include "method_bed.h"
#include "program_run.h"

static void gains(const json_t *summary, const char *measure, const char *plain, double least)
{
    const double with = method_measure(summary, measure), without = method_measure(summary, plain);
    cr_log_info("%s %.1f, %.1f without", measure, with, without);
    cr_expect_geq(with - without, least, "%s %.2f and %.2f", measure, with, without);
}

Test(method_rlkd, ranks_agree)
{
    json_t *summary = method_run("rlkd", "seeds: 3", "seeds: 1", NULL);
    gains(summary, "cr1", "plain_cr1", 0);
    gains(summary, "cr2", "plain_cr2", 4);
    gains(summary, "cr3", "plain_cr3", 4);
    gains(summary, "mor3", "plain_mor3", 4);
    gains(summary, "mor5", "plain_mor5", 4);
    // What is learned is the order around k, and nothing of lower places.
    cr_expect_leq(method_measure(summary, "mor10"), method_measure(summary, "plain_mor10"));
    json_decref(summary);
}

Test(method_rlkd, refuses)
{
    static const char start[] = "name: bad\ndata: synthetic:contexts,words=4\nnetworks:\n"
                                "  - name: small\n    layers:\n      - {layer: linear, out: 4}\n"
                                "  - name: as_said\n    layers:\n      - {layer: flatten}\n"
                                "teacher: {inputs: [{modality: teacher, network: as_said}]}\n"
                                "student: {inputs: [{modality: context, network: small}]}\n";
    enum { INPUT = 3 };
    char text[1024];
    snprintf(text, sizeof text, "%smethod: {name: rlkd, k: 5}\n", start);
    scratch_text("bad.yaml", text);
    fails(shell("$venn distill bad.yaml"), INPUT, "k is 5, but there are 4 classes", NULL);
    snprintf(text, sizeof text, "%smethod: {name: rlkd, k: 2, logits: none, controls: true}\n",
             start);
    scratch_text("bad.yaml", text);
    fails(shell("$venn distill bad.yaml"), INPUT, "turn controls off", NULL);
}

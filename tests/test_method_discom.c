// Disentanglement: a linear probe finds the modality in what is to tell it, and much less of it in what is not. And the
// probe itself, on points that are known.
#include <criterion/criterion.h>

#include "distill/block_probe.h"
#include "method_bed.h"

#define SMALL "limit: 1000", "limit: 500", "seeds: 3", "seeds: 1"

Test(method_discom, takes_features_apart)
{
    json_t *with = method_run("discom", SMALL, NULL);
    json_t *without = method_run("discom", SMALL, "method:\n  name: discom",
                                 "method:\n  name: discom\n  adv: 0", NULL);
    const double s = method_measure(with, "invariant_probe");
    const double open = method_measure(without, "invariant_probe");
    cr_log_info("modality from s %.1f, without adversary %.1f; accuracy %.1f, alone %.1f", s, open,
                method_score(with, "distilled"), method_score(with, "student"));
    cr_expect_leq(s, 73, "%.1f", s);
    cr_expect_geq(open - s, 8, "%.1f and %.1f", open, s);
    cr_expect_geq(method_measure(with, "informative_probe"), 90);
    cr_expect_geq(method_measure(with, "irrelevant_probe"), 90);
    cr_expect_gt(method_measure(with, "other_accuracy"), 60);
    json_decref(with);
    json_decref(without);
}

Test(method_discom, refuses)
{
    method_refused("not the same", "discom", "modality: image", "modality: audio", NULL);
    method_refused("even length", "discom", "out: 64", "out: 63", NULL);
}

// Three classes on a line are told apart by two features, and coins cannot be told at all.
Test(linear_probe, finds_what_is_there)
{
    enum { N = 300 };
    float x[N][2], coin[N][2];
    int32_t labels[N];
    double accuracy;
    for (int i = 0; i < N; i++) {
        labels[i] = i % 3;
        x[i][0] = (float)(i % 3) + 0.001f * (float)(i % 7);
        x[i][1] = x[i][0] * x[i][0];
        coin[i][0] = (float)(i / 3 % 2);
        coin[i][1] = (float)(i / 6 % 2);
    }
    const probe_rows known = {x[0], labels, N}, unknown = {coin[0], labels, N};
    cr_assert_eq(venn_linear_probe(&known, &known, 2, 3, &accuracy), VENN_OK);
    cr_expect_eq(accuracy, 1);
    cr_assert_eq(venn_linear_probe(&unknown, &unknown, 2, 3, &accuracy), VENN_OK);
    cr_expect_lt(accuracy, 0.4);
}

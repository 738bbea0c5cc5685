// The criterion on Gaussian data: where teacher and student share more information than student and label, the
// student gains by the teacher, and the other way round. Over 11 settings in tests/science; here the two ends.
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>

#include "data_files.h"
#include "method_bed.h"
#include "program_run.h"

static void run(const char *kappa, double *gap, double *gain)
{
    json_t *summary = method_run("cch", "kappa=0.7", kappa, "seeds: 3", "seeds: 1", NULL);
    *gap = method_measure(summary, "gap") / 100;
    *gain = method_measure(summary, "gain") / 100;
    cr_log_info("%s: gap %.3f nats, gain of correlation %+.3f", kappa, *gap, *gain);
    // Least squares are reached: what x says of the quantity is about 0.178 nats, less what 200 rows of 50
    // numbers leave unknown.
    const double own = method_measure(summary, "label_information") / 100;
    cr_expect(own > 0.06 && own < 0.178, "%g", own);
    json_decref(summary);
}

Test(method_cch, the_gap_tells_the_gain)
{
    double gap, gain;
    run("kappa=1", &gap, &gain);
    cr_expect(gap > 0.2 && gain > 0.04, "gap %g, gain %g", gap, gain);
    run("kappa=0", &gap, &gain);
    cr_expect(gap < -0.05 && gain < -0.02, "gap %g, gain %g", gap, gain);
}

Test(method_cch, refuses)
{
    enum { USAGE = 2, INPUT = 3 };
    static const char start[] =
        "name: bad\nnetworks:\n  - {name: linear, layers: [{layer: linear, out: 2}]}\n"
        "  - {name: as_said, layers: [{layer: flatten}]}\n"
        "teacher: {inputs: [{modality: teacher, network: as_said}]}\n"
        "student: {inputs: [{modality: seen, network: linear}]}\n";
    char text[1024];
    snprintf(text, sizeof text, "%sdata: synthetic:crossmodal\nmethod: {name: cch, target: seen}\n",
             start);
    scratch_text("bad.yaml", text);
    fails(shell("$venn distill bad.yaml"), INPUT, "target seen must be one number", NULL);
    snprintf(text, sizeof text,
             "%sdata: synthetic:crossmodal\nmethod: {name: cch, estimator: gaussian}\n", start);
    scratch_text("bad.yaml", text);
    fails(shell("$venn distill bad.yaml"), INPUT, "gaussian needs a target", NULL);
    snprintf(text, sizeof text,
             "%sdata: \"synthetic:crossmodal,said=0.3,kappa=5\"\nmethod: {name: cch}\n", start);
    scratch_text("bad.yaml", text);
    fails(shell("$venn distill bad.yaml"), USAGE, "bring kappa nearer to 0.3", NULL);
}

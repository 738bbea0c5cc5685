// Relational distillation: the student's accuracy gains by where the teacher sees the samples lie. The whole example, with
// five seeds, says by how much (docs/methods/rkd.md); here two.
#include <criterion/criterion.h>

#include "method_bed.h"

Test(method_rkd, beats_the_labels_alone)
{
    json_t *summary = method_run("rkd", "seeds: 5", "seeds: 2", NULL);
    const double plain = method_score(summary, "student"),
                 taught = method_score(summary, "distilled");
    cr_log_info("%.2f by the labels, %.2f distilled", plain, taught);
    cr_expect_gt(taught, plain, "%.2f, %.2f", taught, plain);
    json_decref(summary);
}

// Relations of other layers teach as well, and a layer that is not there is named.
Test(method_rkd, takes_other_layers)
{
    json_t *summary =
        method_run("rkd", "seeds: 5", "seeds: 1\nlimit: 200", "epochs: 12", "epochs: 1",
                   "method:\n  name: rkd",
                   "method:\n  name: rkd\n  student_layer: \"1\"\n  teacher_layer: \"7\"\n"
                   "  normalise: true\n  angle_weight: 0",
                   NULL);
    cr_expect_gt(method_score(summary, "distilled"), 0);
    json_decref(summary);
    method_refused("rkd: net: no layer or input is named nowhere", "rkd", "seeds: 5", "seeds: 1",
                   "method:\n  name: rkd", "method:\n  name: rkd\n  student_layer: nowhere", NULL);
}

// Decoupled distillation: the student gains by what the teacher says beside the label. The whole example, with
// five seeds, says by how much (docs/methods/dkd.md); here two. Half the epochs show nothing.
#include <criterion/criterion.h>

#include "method_bed.h"

Test(method_dkd, beats_the_labels_alone)
{
    json_t *summary = method_run("dkd", "seeds: 5", "seeds: 2", NULL);
    const double plain = method_score(summary, "student"),
                 taught = method_score(summary, "distilled");
    cr_log_info("%.2f by the labels, %.2f distilled", plain, taught);
    cr_expect_gt(taught, plain, "%.2f, %.2f", taught, plain);
    json_decref(summary);
}

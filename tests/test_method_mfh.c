// The Modality Focusing Hypothesis by its method: a teacher that was robbed of what the student cannot see is worse, and
// teaches better. The example whole; its trainings take a fraction of a second each.
#include <criterion/criterion.h>

#include "method_bed.h"

// The run's summary when these features are left to the teacher.
static json_t *taught_by(const char *mode)
{
    return method_run("mfh", "mode: general", mode, NULL);
}

Test(method_mfh, general_features_teach_best)
{
    json_t *general = taught_by("mode: general"), *specific = taught_by("mode: specific");
    const double plain = method_score(general, "student");
    const double taught = method_score(general, "distilled");
    cr_log_info("%.2f by the labels, %.2f by general features, %.2f by specific ones", plain,
                taught, method_score(specific, "distilled"));
    cr_expect_gt(taught, plain + 0.005);
    cr_expect_gt(taught, method_score(specific, "distilled") + 0.01);
    json_decref(general);
    json_decref(specific);
}

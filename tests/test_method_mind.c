// Modality-informed distillation: heads per modality make the fused decision better, as the paper says; what the heads
// learn from is the mean of their teachers. At full size (tests/science) 3 seeds.
#include <criterion/criterion.h>

#include "method_bed.h"

// Fewer seeds and teachers, in the order of the example.
#define SMALL "seeds: 3", "seeds: 2", "teachers: narrow middle wide", "teachers: wide"

Test(method_mind, informs_every_head)
{
    json_t *mind = method_run("mind", SMALL, NULL);
    const double fused = method_score(mind, "distilled"), single = method_score(mind, "student");
    const double first = method_measure(mind, "first_alone_accuracy");
    const double second = method_measure(mind, "second_alone_accuracy");
    cr_log_info("fused %.1f, single head %.1f; alone %.1f and %.1f, small nets %.1f and %.1f",
                fused, single, first, second, method_measure(mind, "small_first_accuracy"),
                method_measure(mind, "small_second_accuracy"));
    cr_expect_gt(fused, single);
    cr_expect_geq(first, method_measure(mind, "small_first_accuracy") - 4);
    cr_expect_geq(second, method_measure(mind, "small_second_accuracy") - 4);
    cr_expect_gt(method_measure(mind, "second_teachers_accuracy"), 60);
    json_decref(mind);
}

// Without teachers it is a student of several heads: nothing else is trained.
Test(method_mind, does_without_teachers)
{
    json_t *heads = method_run("mind", SMALL, "alpha: 0.1", "alpha: 1", "controls: true",
                               "controls: false", "epochs: 20", "epochs: 3", NULL);
    const json_t *stages = json_object_get(heads, "stages");
    for (size_t i = 0; i < json_array_size(stages); i++) {
        const json_t *measures = json_object_get(json_array_get(stages, i), "measures");
        cr_expect_leq(json_array_size(measures), 2);
    }
    cr_expect_gt(method_measure(heads, "second_alone_accuracy"), 40);
    json_decref(heads);
}

// Multimodal knowledge expansion on two moons: the student of both coordinates, with noise, beats the
// teacher, the student of one, and the student without noise. Target over 20 data sets (tests/science):
// by 3 and 2.5 points; here over 4.
#include <criterion/criterion.h>
#include <stdio.h>

#include "method_bed.h"

enum { DATA_SETS = 4 };

Test(method_mke, expands_what_the_teacher_knows)
{
    double teacher = 0, unimodal = 0, plain = 0, student = 0, upper = 0;
    for (int d = 0; d < DATA_SETS; d++) {
        char data[32], seeds[32];
        snprintf(data, sizeof data, "moons,seed=%d", 5 + d);
        snprintf(seeds, sizeof seeds, "seeds: 1\nfirst_seed: %d", 5 + d);
        json_t *summary = method_run("mke", "moons,seed=1", data, "seeds: 3", seeds, NULL);
        teacher += method_measure(summary, "teacher_accuracy") / DATA_SETS;
        unimodal += method_measure(summary, "unimodal_accuracy") / DATA_SETS;
        plain += method_measure(summary, "plain_accuracy") / DATA_SETS;
        student += method_score(summary, "distilled") / DATA_SETS;
        upper += method_score(summary, "student") / DATA_SETS;
        json_decref(summary);
    }
    cr_log_info("teacher %.1f, unimodal %.1f, without noise %.1f, student %.1f, true labels %.1f",
                teacher, unimodal, plain, student, upper);
    cr_expect_geq(student - unimodal, 3, "%.2f and %.2f", student, unimodal);
    cr_expect_geq(student - plain, 2.5, "%.2f and %.2f", student, plain);
    cr_expect_geq(student - teacher, 2, "%.2f and %.2f", student, teacher);
    cr_expect_geq(upper - student, 5, "%.2f and %.2f", upper, student);
}

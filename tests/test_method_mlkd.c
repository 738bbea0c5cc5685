// Multi-level logit distillation: with one temperature and no pairs it is plain distillation, and what is weighted
// comes closer to the teacher's. The whole example, with five seeds, says what they add (docs/methods/mlkd.md).
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "data_files.h"
#include "method_bed.h"

#define SHORT "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 3"

Test(method_mlkd, one_temperature_without_pairs_is_kd)
{
    json_t *levels = method_run("mlkd", SHORT, "method:\n  name: mlkd",
                                "method:\n  name: mlkd\n  temperatures: 1\n  lowest: 4\n"
                                "  batch_weight: 0\n  class_weight: 0",
                                NULL);
    json_t *plain = method_run("mlkd", SHORT, "method:\n  name: mlkd",
                               "method:\n  name: kd\n  temperature: 4\n  t_squared: true", NULL);
    const double a = method_score(levels, "distilled"), b = method_score(plain, "distilled");
    // The terms are added up in another order.
    cr_expect_lt(fabs(a - b), 0.5, "%.2f, %.2f", a, b);
    json_decref(levels);
    json_decref(plain);
}

// The last epoch, as metrics.jsonl has it, of a run of three whose method section goes on like this.
static json_t *last_epoch(const char *section)
{
    json_t *last = NULL;
    json_decref(method_run("mlkd", SHORT, "method:\n  name: mlkd", section, NULL));
    FILE *file = fopen(scratch_path("method-run/metrics.jsonl"), "r");
    cr_assert(file);
    for (json_t *line; (line = json_loadf(file, JSON_DISABLE_EOF_CHECK, NULL)); last = line)
        json_decref(last);
    fclose(file);
    cr_assert(last);
    return last;
}

static double term(const json_t *epoch, const char *name)
{
    const json_t *value = json_object_get(epoch, name);
    cr_assert(json_is_number(value), "no term %s", name);
    return json_number_value(value);
}

// A weight makes the student's pairs more like the teacher's than the samples alone do.
Test(method_mlkd, a_weight_brings_pairs_closer)
{
    json_t *plain = last_epoch("method:\n  name: mlkd\n  batch_weight: 0\n  class_weight: 0");
    json_t *taught = last_epoch("method:\n  name: mlkd\n  batch_weight: 5\n  class_weight: 0");
    cr_expect_lt(term(taught, "batch"), 0.95 * term(plain, "batch"), "%g, %g",
                 term(taught, "batch"), term(plain, "batch"));
    json_decref(plain);
    json_decref(taught);
}

Test(method_mlkd, adds_up_its_terms)
{
    json_t *epoch = last_epoch("method:\n  name: mlkd\n  ce_weight: 0.5\n  kd_weight: 2\n"
                               "  batch_weight: 3\n  class_weight: 4");
    const double sum = 0.5 * term(epoch, "ce") + 2 * term(epoch, "kd") + 3 * term(epoch, "batch") +
                       4 * term(epoch, "class");
    cr_expect_float_eq(term(epoch, "loss"), sum, 1e-5 * sum, "%g, %g", term(epoch, "loss"), sum);
    cr_expect_gt(term(epoch, "class"), 0);
    json_decref(epoch);
}

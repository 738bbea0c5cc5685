// What balances modalities by other means than mla: ogm-ge and qmf.
#include <criterion/criterion.h>

#include "data_files.h"
#include "method_bed.h"
#include "venn/io.h"

// Without modulation and noise it is joint training to the bit; with it the modality that is ahead is held
// back.
Test(method_balance, ogm_ge_holds_back_the_leader)
{
    json_t *plain = method_run("ogm-ge", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 4",
                               "alpha: 0.3", "alpha: 0\n  noise: false", NULL);
    cr_expect_eq(method_score(plain, "distilled"), method_score(plain, "student"));
    json_t *held = method_run("ogm-ge", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 4",
                              "alpha: 0.3", "alpha: 3\n  share: 1\n  noise: false", NULL);
    cr_expect_lt(method_measure(held, "second_alone_accuracy"),
                 method_measure(plain, "second_alone_accuracy") - 3);
    cr_expect_gt(method_measure(held, "first_alone_accuracy"),
                 method_measure(plain, "first_alone_accuracy"));
    json_decref(plain);
    json_decref(held);
}

static const venn_named_array *find(const venn_safetensors *file, const char *name)
{
    const venn_named_array *array = venn_safetensors_find(file, name);
    cr_assert(array, "no %s", name);
    return array;
}

// Decisions alone are better than where only their sum is trained, and the costs are of every pair.
Test(method_balance, qmf_remembers_what_samples_cost)
{
    venn_safetensors *file;
    json_t *summary = method_run("qmf", "seeds: 5", "seeds: 1", "epochs: 12", "epochs: 2", NULL);
    cr_expect_gt(method_measure(summary, "second_alone_accuracy"), 60);
    cr_expect_gt(method_score(summary, "distilled"), 60);
    json_decref(summary);
    cr_assert_eq(
        venn_safetensors_read(&file, scratch_path("method-run/seed-0/distilled/last.safetensors")),
        VENN_OK, "%s", venn_error_message());
    const venn_named_array *first = find(file, "first_cost"), *second = find(file, "second_cost");
    const int64_t n = venn_shape_count(&first->shape);
    double sum[2] = {0};
    cr_assert(n == 2000 && venn_shape_count(&second->shape) == n);
    for (int64_t i = 0; i < n; i++) {
        cr_assert(((const float *)first->data)[i] > 0 && ((const float *)second->data)[i] > 0);
        sum[0] += (double)((const float *)first->data)[i] / (double)n;
        sum[1] += (double)((const float *)second->data)[i] / (double)n;
    }
    // Two epochs of cross-entropies: the noisy image costs more.
    cr_expect(sum[0] < 2 * 1.6 && sum[0] > sum[1] && sum[1] > 0.5, "%g and %g", sum[0], sum[1]);
    venn_safetensors_destroy(&file);
}

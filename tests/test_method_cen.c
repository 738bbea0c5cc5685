// Channel exchanging: scales vanish under the penalty; with a threshold of 0 nothing is traded, to the bit.
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data_files.h"
#include "method_bed.h"

#define SMALL                                                                                      \
    "seeds: 3", "seeds: 1", "scenes,seed=0", "scenes,seed=0,size=16,train=48,test=40,objects=2"

static void *weights(size_t *size)
{
    void *bytes;
    cr_assert(venn_file_read(scratch_path("method-run/seed-0/distilled/best.safetensors"), 0,
                             &bytes, size) == 0);
    return bytes;
}

Test(method_cen, threshold_zero_is_no_exchange)
{
    size_t n, n_plain, n_traded;
    json_t *zero =
        method_run("cen", SMALL, "epochs: 20", "epochs: 1", "  lambda: 0.005", "  theta: 0", NULL);
    void *a = weights(&n);
    json_t *plain = method_run("cen", SMALL, "epochs: 20", "epochs: 1", "  lambda: 0.005",
                               "  exchange: false", NULL);
    void *b = weights(&n_plain);
    // The scales begin with 1.
    json_t *all =
        method_run("cen", SMALL, "epochs: 20", "epochs: 1", "  lambda: 0.005", "  theta: 10", NULL);
    void *c = weights(&n_traded);
    cr_expect(n == n_plain && memcmp(a, b, n) == 0);
    cr_expect(n == n_traded && memcmp(a, c, n) != 0);
    cr_expect_eq(method_score(zero, "distilled"), method_score(plain, "distilled"));
    cr_expect_eq(method_measure(zero, "first_below"), 0);
    cr_expect_eq(method_measure(all, "first_below"), 100);
    free(a);
    free(b);
    free(c);
    json_decref(zero);
    json_decref(plain);
    json_decref(all);
}

// Half of the channels are penalised, so no more than half of the scales vanish.
Test(method_cen, scales_vanish)
{
    json_t *run =
        method_run("cen", SMALL, "epochs: 20", "epochs: 12", "lambda: 0.005", "lambda: 0.05", NULL);
    const double share[] = {method_measure(run, "first_below"),
                            method_measure(run, "second_below")};
    cr_log_info("below %.1f and %.1f; miou %.1f", share[0], share[1],
                method_score(run, "distilled"));
    for (int k = 0; k < 2; k++) {
        cr_expect_geq(share[k], 10, "%.1f", share[k]);
        cr_expect_leq(share[k], 50, "%.1f", share[k]);
    }
    json_decref(run);
}

Test(method_cen, refuses)
{
    method_refused("two sets", "cen", "width: 16, stride: 2, sets: 2", "width: 16, stride: 2",
                   NULL);
    method_refused("no batch norm", "cen", "  name: cen\n", "  name: cen\n  places: nowhere\n",
                   NULL);
    method_refused("maps of the data's 5 classes", "cen", "out: 5", "out: 6", NULL);
    method_refused("height", "cen", "  name: cen\n", "  name: cen\n  other: height\n", NULL);
    method_refused("batch norm", "cen", "bottleneck, out: 32, width: 16", "basic_block, out: 32",
                   "bottleneck, out: 64, width: 32", "basic_block, out: 64",
                   "bottleneck, out: 64, width: 32", "basic_block, out: 64", NULL);
}

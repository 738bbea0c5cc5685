// Continual contrastive learning: with projection the scores of earlier pairs drift a tenth as much, and nothing is
// forgotten. The same targets as at full size (tests/science), where six data sets are taken.
#include <criterion/criterion.h>
#include <math.h>

#include "data_files.h"
#include "method_bed.h"
#include "venn/io.h"

enum { D = 32 };

static json_t *run(const char *projection)
{
    // Plain descent: a quarter of the steps, four times as long, end at the same place.
    return method_run("cmcl", "seed=0", "seed=3", "epochs: 60", "epochs: 15", "lr: 0.01",
                      "lr: 0.04", "  pairs", projection, NULL);
}

// Two tasks of three coordinates each have passed through modality v before stage 4: P has rank 6, P P = P.
static void check_projector(void)
{
    venn_safetensors *file;
    double trace = 0, off = 0;
    cr_assert_eq(
        venn_safetensors_read(&file, scratch_path("method-run/seed-0/distilled/last.safetensors")),
        VENN_OK, "%s", venn_error_message());
    const venn_named_array *array = venn_safetensors_find(file, "own-1");
    cr_assert(array && venn_shape_count(&array->shape) == D * D);
    const float *p = array->data;
    for (int i = 0; i < D; i++)
        for (int j = 0; j < D; j++) {
            double product = 0;
            for (int k = 0; k < D; k++)
                product += (double)p[i * D + k] * (double)p[k * D + j];
            off = fmax(off, fabs(product - (double)p[i * D + j]));
            trace += i == j ? (double)p[i * D + j] : 0;
        }
    cr_expect_lt(off, 1e-4);
    cr_expect_float_eq(trace, 6, 1e-3, "rank %g", trace);
    venn_safetensors_destroy(&file);
}

Test(method_cmcl, keeps_earlier_scores)
{
    json_t *dns = run("  pairs");
    check_projector();
    json_t *plain = run("  projection: false\n  pairs");
    const double drift = method_measure(dns, "drift"), plain_drift = method_measure(plain, "drift");
    cr_expect_geq(plain_drift / drift, 10, "%g and %g", plain_drift, drift);
    cr_expect_leq(fabs(method_measure(dns, "bwt")), 5);
    cr_expect_leq(method_measure(plain, "bwt"), -10);
    cr_expect_geq(method_score(dns, "distilled"), method_score(plain, "distilled"));
    json_decref(dns);
    json_decref(plain);
}

Test(method_cmcl, refuses)
{
    method_refused("not \"v-x\"", "cmcl", "v-t v-a t-a v-t", "v-t v-x", NULL);
    method_refused("5 stages", "cmcl", "v-t v-a t-a v-t", "v-t v-a t-a v-t v-a", NULL);
    method_refused("as many values as it takes", "cmcl", "out: 32", "out: 16", NULL);
}

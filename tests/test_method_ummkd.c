// Unpaired segmentation: with batch norms of its own each look is segmented, with shared ones it is not, and what is said
// of each class becomes the same in both.
#include <criterion/criterion.h>

#include "method_bed.h"

#define SMALL "seed=0", "seed=0,train=80,test=40", "seeds: 3", "seeds: 1", "epochs: 12", "epochs: 8"

Test(method_ummkd, looks_have_norms_of_their_own)
{
    json_t *own = method_run("ummkd", SMALL, NULL);
    json_t *shared = method_run("ummkd", SMALL, "sharing: kernels", "sharing: all", NULL);
    const double first = method_measure(own, "kd_first"), last = method_measure(own, "kd_last");
    cr_log_info("dice %.1f, shared %.1f; kd %.3f to %.3f", method_score(own, "distilled"),
                method_score(shared, "distilled"), first, last);
    cr_expect_geq(method_score(own, "distilled"), 60);
    cr_expect_geq(method_score(own, "distilled"), method_score(shared, "distilled") + 30);
    cr_expect_leq(last, 0.6 * first, "%.3f to %.3f", first, last);
    json_decref(own);
    json_decref(shared);
}

Test(method_ummkd, refuses)
{
    method_refused("has no target", "ummkd", "modality: second,", "modality: second-mask,", NULL);
    method_refused("[C, H, W]", "ummkd", "from: unet8",
                   "layers: [{layer: conv, out: 4, kernel: 1}]", NULL);
    method_refused("place by place", "ummkd", "  name: ummkd\n  sharing: kernels", "  name: dml",
                   NULL);
}

// Reverse distillation: what students trained on whole objects cannot rebuild is a stain in the colours, a dent in
// the depth, and with the other modality's help either.
#include <criterion/criterion.h>

#include "method_bed.h"

// Coarse defects on objects that stand still are learnt in seconds.
#define SMALL                                                                                      \
    "seeds: 3", "seeds: 1", "size=32,dent=0.2",                                                    \
        "size=32,train=64,valid=16,test=64,jitter=0,noise=0.01,dent=0.5,stain=0.6", "epochs: 60",  \
        "epochs: 30", "every: 18", "every: 4", "epochs: 15", "epochs: 6"
#define WITH(lines) "  name: crd\n", "  name: crd\n  levels: stage1 stage2\n" lines

static void tell(const char *what, const json_t *run)
{
    cr_log_info("%s: auroc %.1f; of dents %.1f, by colours %.1f, by depth %.1f; of stains %.1f, by "
                "colours %.1f, by depth %.1f; pixels %.1f, regions %.1f",
                what, method_score(run, "distilled"), method_measure(run, "kind_2_auroc"),
                method_measure(run, "kind_2_first_auroc"),
                method_measure(run, "kind_2_second_auroc"), method_measure(run, "kind_1_auroc"),
                method_measure(run, "kind_1_first_auroc"),
                method_measure(run, "kind_1_second_auroc"), method_measure(run, "pixel_auroc"),
                method_measure(run, "region_overlap"));
}

// Without the other modality's help the student of the colours knows nothing of dents, and that of the depth
// nothing of stains.
Test(method_crd, each_student_finds_what_its_modality_shows)
{
    json_t *run = method_run("crd", SMALL, WITH("  filter: false\n  amplifier: false\n"), NULL);
    tell("alone", run);
    const double dents = method_measure(run, "kind_2_second_auroc"),
                 stains = method_measure(run, "kind_1_first_auroc");
    cr_expect_geq(dents - method_measure(run, "kind_2_first_auroc"), 15);
    cr_expect_geq(stains - method_measure(run, "kind_1_second_auroc"), 15);
    cr_expect_geq(method_score(run, "distilled"), 70);
    json_decref(run);
}

// With it, depth's student is also disturbed by what only the colours show: 70 to 85 by the last bits of the
// kernels, 56 without.
Test(method_crd, helps)
{
    json_t *run = method_run("crd", SMALL, WITH(""), NULL);
    tell("helped", run);
    cr_expect_geq(method_score(run, "distilled"), 70);
    cr_expect_geq(method_measure(run, "kind_1_second_auroc"), 62);
    json_decref(run);
}

Test(method_crd, refuses)
{
    method_refused("half as high", "crd", "name: stage2, out: 32, stride: 2",
                   "name: stage2, out: 32", NULL);
    method_refused("stage9", "crd", "  name: crd\n", "  name: crd\n  levels: stage1 stage9\n",
                   NULL);
    method_refused("same two modalities", "crd",
                   "    - {modality: depth, network: encoder}\n  head", "  head",
                   "  inputs:\n    - {modality: rgb, network: encoder}\n  head",
                   "  inputs:\n    - {modality: rgb, network: encoder}\n  head", NULL);
    method_refused("no training picture is normal", "crd", "  name: crd\n",
                   "  name: crd\n  mask: depth\n", NULL);
}

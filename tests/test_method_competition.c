// Modality competition: after 500 steps at least 80 % of the learned classes belong to one modality alone, over
// 6 data sets (tests/science); here over 3. Both modalities win some, and no class is learned before training.
#include <criterion/criterion.h>
#include <stddef.h>
#include <stdio.h>

#include "data_files.h"
#include "method_bed.h"
#include "program_run.h"

enum { DATA_SETS = 3, CLASSES = 10 };

typedef struct sums {
    double learned, monopolised, first;
} sums;

static sums run(int data_sets, const char *training)
{
    sums sum = {0};
    for (int d = 0; d < data_sets; d++) {
        char data[32], seeds[32];
        snprintf(data, sizeof data, "seed=%d", d);
        snprintf(seeds, sizeof seeds, "seeds: 1\nfirst_seed: %d", d);
        json_t *summary =
            method_run("competition", "seed=0", data, "seeds: 3", seeds, "epochs: 10\n  steps: 100",
                       training, "copies: 4", "copies: 4\n  controls: false", NULL);
        const double learned = method_measure(summary, "learned") / 100 * CLASSES;
        sum.learned += learned;
        sum.monopolised += method_measure(summary, "monopolised") / 100 * learned;
        sum.first += method_measure(summary, "first_wins") / 100 * learned;
        json_decref(summary);
    }
    return sum;
}

Test(method_competition, one_modality_takes_the_class)
{
    const sums before = run(1, "epochs: 1\n  steps: 1");
    cr_expect_eq(before.learned, 0);
    const sums after = run(DATA_SETS, "epochs: 5\n  steps: 100");
    cr_log_info("%g classes learned, %g by one modality alone, %g by the first", after.learned,
                after.monopolised, after.first);
    cr_expect_geq(after.learned, 15, "%g", after.learned);
    cr_expect_geq(after.monopolised, 0.8 * after.learned, "%g of %g", after.monopolised,
                  after.learned);
    cr_expect(after.first >= 3 && after.first <= after.learned - 3, "%g of %g", after.first,
              after.learned);
}

// Branches that are not units of classes are refused, with what is wanted.
Test(method_competition, refuses_other_students)
{
    enum { INPUT = 3 };
    scratch_text("other.yaml", "name: other\ndata: synthetic:competition\nnetworks:\n"
                               "  - name: units\n    layers:\n"
                               "      - {layer: linear, out: 30}\n"
                               "student:\n  inputs:\n"
                               "    - {modality: first, network: units}\n"
                               "    - {modality: second, network: units}\n"
                               "  fusion: sum\nmethod: {name: competition}\n");
    fails(shell("$venn distill other.yaml"), INPUT, "one linear layer (out: 40", NULL);
}

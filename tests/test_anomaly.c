// How well scores tell anomalies, by hand.
#include <criterion/criterion.h>
#include <math.h>

#include "distill/block_anomaly.h"
#include "distill/block_class_map.h"

static void near(double got, double want)
{
    cr_expect(fabs(got - want) < 1e-6, "%g, not %g", got, want);
}

// Of six pairs of a positive and a negative four are in order and one is a tie.
Test(anomaly, auroc)
{
    const float score[] = {0.1f, 0.4f, 0.4f, 0.8f, 0.3f};
    const bool positive[] = {false, false, true, true, true};
    near(venn_auroc(score, positive, 5), 4.5 / 6);
    near(venn_auroc(score, (const bool[]){false, false, false, true, true}, 5), 4.0 / 6);
    cr_expect(isnan(venn_auroc(score, (const bool[5]){false}, 5)));
}

// Precision at the positives, from the highest score on: 1, 2/3 (a tie with a negative), 3/4.
Test(anomaly, average_precision)
{
    const float score[] = {0.1f, 0.4f, 0.4f, 0.8f, 0.3f};
    const bool positive[] = {false, false, true, true, true};
    near(venn_average_precision(score, positive, 5), (1 + 2.0 / 3 + 3.0 / 4) / 3);
    cr_expect(
        isnan(venn_average_precision(score, (const bool[5]){true, true, true, true, true}, 5)));
}

// Two defects, of three pixels that touch at corners and of one. By falling score: the one pixel, a normal
// one, then two of the three, two more normal ones, the third.
Test(anomaly, region_overlap)
{
    const bool positive[] = {true,  false, false, false, //
                             false, true,  false, false, //
                             true,  false, false, true};
    const float score[] = {7, 1, 1, 8, //
                           1, 7, 1, 6, //
                           5, 6, 1, 9};
    // Eight normal pixels. Up to 1/8 of them: 1/2 found. Between 1/8 and 3/8: 1/2 + 1/3.
    near(venn_region_overlap(score, positive, 1, 3, 4, 1.0 / 8), 0.5);
    near(venn_region_overlap(score, positive, 1, 3, 4, 3.0 / 8),
         (0.5 * 0.125 + (0.5 + 1.0 / 3) * 0.25) / 0.375);
    // As two pictures of one row and a half nothing touches.
    near(venn_region_overlap(score, positive, 3, 1, 4, 1.0 / 8), (1.0 / 4));
}

Test(class_map, miou)
{
    int64_t table[9] = {0};
    const float truth[] = {0, 0, 1, 1, 255, 0};
    const int32_t said[] = {0, 1, 1, 1, 2, 0};
    venn_count_class_map(table, 3, truth, said, 6, 255);
    const venn_class_map_scores s = venn_score_class_map(table, 3);
    near(s.miou, (2.0 / 3 + 2.0 / 3) / 2); // class 2 does not occur
    near(s.right, 4.0 / 5);
    cr_expect(isnan(venn_score_class_map((const int64_t[9]){0}, 3).miou));
}

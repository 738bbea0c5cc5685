// Statistics of the tables, against published quantiles and a worked sample.
#include <criterion/criterion.h>
#include <math.h>

#include "train/stats.h"

Test(stats, student_quantiles)
{
    // Two-sided 95 % points of Student's t, from any table.
    const struct {
        double freedom, t;
    } rows[] = {{1, 12.7062}, {2, 4.30265},  {4, 2.77645},
                {9, 2.26216}, {29, 2.04523}, {1000, 1.96234}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_assert_float_eq(venn_student_quantile(0.975, rows[i].freedom), rows[i].t, 1e-4,
                           "freedom %g", rows[i].freedom);
    cr_assert_float_eq(venn_student_quantile(0.025, 4), -2.77645, 1e-4);
}

Test(stats, summary_of_five)
{
    const double x[] = {1, 2, 3, 4, 10};
    venn_summary s = venn_summarize(x, 5);
    cr_assert_float_eq(s.mean, 4.0, 1e-12);
    cr_assert_float_eq(s.std, sqrt(12.5), 1e-12);
    cr_assert_float_eq(s.half, 2.776445 * sqrt(12.5 / 5), 1e-4);
    cr_assert(isnan(venn_summarize(x, 1).half));
}

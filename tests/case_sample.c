#include <criterion/criterion.h>
#include <string.h>

#include "bench/case_run.h"
#include "case_sample.h"
#include "kernel/kernel.h"

typedef struct walk {
    const case_sample *sample;
    venn_case_report report;
    int seen;
} walk;

static bool run_some(void *user, const venn_case *c)
{
    walk *w = user;
    if (w->seen++ % w->sample->step == 0)
        venn_case_run(w->sample->device, c, &w->report);
    return true;
}

void case_sample_run(const case_sample *sample, const char *op)
{
    walk w = {.sample = sample};
    for (const venn_case_row *row = venn_case_rows; row->op; row++)
        if (row->kind != VENN_CASE_BENCH && strcmp(row->op, op) == 0 &&
            strstr(row->dims, sample->dims))
            cr_assert(venn_case_each(venn_op_find(op), row, run_some, &w) == VENN_OK);
    cr_assert(w.report.failures == 0, "%d of %d cases failed; first: %s", w.report.failures,
              w.report.cases, w.report.first);
    cr_assert(w.report.cases > 0);
}

venn_profile *case_sample_profile(venn_device *device)
{
    venn_kernels *kernels;
    cr_assert(venn_kernels_of(device, &kernels) == VENN_OK);
    return venn_kernels_tune(kernels);
}

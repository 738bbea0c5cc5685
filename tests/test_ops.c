// Every op of the table through the shared runner, one test each. VENN_TEST_OP=name runs that op alone,
// VENN_TEST_VERBOSE=1 prints a line per op.
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_fixture.h"
#include "bench/case_run.h"

ParameterizedTestParameters(ops, each)
{
    int count = 0;
    while (venn_op_table[count])
        count++;
    int *index = cr_malloc(sizeof *index * (size_t)(count + 1));
    for (int i = 0; i < count; i++)
        index[i] = i;
    return cr_make_param_array(int, index, (size_t)count);
}

ParameterizedTest(int *index, ops, each)
{
    const venn_op_desc *op = venn_op_table[*index];
    const char *only = getenv("VENN_TEST_OP");
    if (only && strcmp(only, op->name) != 0)
        return;
    venn_device *device = open_test_device();
    venn_case_report report = {0};
    venn_case_run_op(device, op, &report);
    if (getenv("VENN_TEST_VERBOSE"))
        fprintf(stderr,
                "%-18s %3d cases, error %.2f of the tolerance (%s), ref_grad %.2f, %.1f s of CPU, "
                "at most %.1f s (%s)\n",
                op->name, report.cases, report.worst, report.worst_case, report.worst_ref,
                report.cpu_seconds, report.slowest, report.slowest_case);
    close_test_device(&device);
    cr_assert(report.failures == 0, "%d of %d cases failed; first: %s", report.failures,
              report.cases, report.first);
}

// A row with a misspelt op would never run.
Test(ops, rows_name_ops)
{
    for (const venn_case_row *row = venn_case_rows; row->op; row++)
        cr_expect(venn_op_find(row->op), "cases.def has a row of %s, which is no op", row->op);
}

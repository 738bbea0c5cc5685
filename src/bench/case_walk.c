// All cases of an op, or a choice of them.
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "bench/case_run.h"
#include "kernel/kernel.h"

typedef struct walk {
    venn_device *device;
    uint32_t stride, number[VENN_CASE_TYPES]; // of the next case of each type
    venn_case_report *report;
} walk;

// Every k-th would pick the same value of an extent again and again. Multiples of the golden ratio
// spread evenly between 0 and 1 however many there are; those below 1/k are chosen. The third case,
// often the first that is neither empty nor a single element, is always among them, and so is the first.
// Types are counted apart, so that each has its share.
static bool in_stride(uint32_t number, uint32_t stride)
{
    const uint32_t golden = 0x9e3779b9;
    return number == 0 || (uint64_t)((number - 2) * golden) * stride >> 32 == 0;
}

static bool run_next(void *user, const venn_case *c)
{
    walk *w = user;
    const uint32_t number = w->number[venn_case_type(c)]++;
    if (!in_stride(number, w->stride))
        return true;
    venn_case_run(w->device, c, w->report);
    if (in_stride(number, VENN_CASE_SAMPLE)) {
        w->report->sampled++;
        w->report->sample = venn_hash_join(w->report->sample, w->report->last);
    }
    return true;
}

// Software without a loop limit, like SwiftShader, gains nothing from cases made to exceed one.
static bool takes_long_cases(venn_device *device)
{
    venn_kernels *kernels;
    return venn_device_get_info(device)->kind != VENN_DEVICE_SOFTWARE ||
           (venn_kernels_of(device, &kernels) == VENN_OK &&
            venn_kernels_profile(kernels)->loop_limit);
}

void venn_case_run_op(venn_device *device, const venn_op_desc *op, uint32_t stride,
                      venn_case_report *report)
{
    walk w = {.device = device, .stride = stride, .report = report};
    for (const venn_case_row *row = venn_case_rows; row->op; row++) {
        if (row->kind == VENN_CASE_BENCH || strcmp(row->op, op->name) != 0 ||
            (row->kind == VENN_CASE_LONG && !takes_long_cases(device)))
            continue;
        if (venn_case_each(op, row, run_next, &w) < 0) {
            report->failures++;
            snprintf(report->first, sizeof report->first, "%s", venn_error_message());
        }
    }
    const bool half = w.number[VENN_F16] && w.number[VENN_BF16];
    if (report->cases + report->refused == 0 && report->failures++ == 0)
        snprintf(report->first, sizeof report->first, "%s has no CASE row", op->name);
    else if (op->half != VENN_HALF_NO && !half && report->failures++ == 0)
        snprintf(report->first, sizeof report->first, "%s takes 16-bit types and has no HALF row",
                 op->name);
}

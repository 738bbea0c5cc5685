// Kernels: the BENCH rows of cases.def.
#include <math.h>
#include <string.h>

#include "bench/bench_rows.h"
#include "bench/case_run.h"
#include "bench/kernel_time.h"

static void add_part(venn_bench_job *job, const venn_case *c, const venn_sampled *sampled,
                     const char *part, double error, const char *wrong)
{
    const venn_sampled_phase *phase = venn_sampled_find(sampled, part);
    const bool whole = sampled->n_phases == 0 && strcmp(part, VENN_PHASE_FORWARD) == 0;
    if (!phase && !whole)
        return;
    venn_bench_add_row(job, &(venn_bench_result){.kind = "kernel",
                                                 .name = c->name,
                                                 .part = whole ? "forward and backward" : part,
                                                 .error = error,
                                                 .limit = 1,
                                                 .unit = "tolerances",
                                                 .wrong = wrong,
                                                 .us = whole ? sampled->wall_us : phase->us,
                                                 .n = sampled->samples,
                                                 .device_clock = !whole,
                                                 .flops = whole ? 0 : phase->flops,
                                                 .bytes = whole ? 0 : phase->bytes});
}

// First whether it is right, by the body of the tests, then how fast.
static bool measure(void *user, const venn_case *c)
{
    venn_bench_job *job = user;
    const venn_bench_params *p = job->params;
    if (!venn_bench_wanted(p, c->name))
        return true;
    venn_case_report report = {0};
    venn_sampled sampled;
    venn_case_run(job->device, c, &report);
    const venn_sampling sampling = {p->warmup, p->samples, true, p->limit_seconds};
    venn_status status = venn_kernel_time(job->device, c, &sampling, &sampled);
    if (status < 0) {
        venn_bench_add_failure(job, "kernel", c->name, status);
        return job->fatal == VENN_OK;
    }
    add_part(job, c, &sampled, VENN_PHASE_FORWARD, report.value.error, report.first);
    add_part(job, c, &sampled, VENN_PHASE_BACKWARD, report.gradient.error, report.first);
    venn_sampled_finish(&sampled);
    return true;
}

static bool is_first_of_op(const venn_case_row *row)
{
    for (const venn_case_row *r = venn_case_rows; r != row; r++)
        if (r->kind == VENN_CASE_BENCH && strcmp(r->op, row->op) == 0)
            return false;
    return true;
}

void venn_bench_kernels(venn_bench_job *job)
{
    const bool quick = strcmp(job->params->suite, "quick") == 0;
    for (const venn_case_row *row = venn_case_rows; row->op && job->fatal == VENN_OK; row++) {
        if (row->kind != VENN_CASE_BENCH || (quick && !is_first_of_op(row)))
            continue;
        venn_status status = venn_case_each(venn_op_find(row->op), row, measure, job);
        if (status < 0)
            venn_bench_add_failure(job, "kernel", row->op, status);
    }
}

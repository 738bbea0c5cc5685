// Training steps: where their time goes, phase by phase, and whether they learn.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/status.h"
#include "bench/bench_rows.h"
#include "bench/sample_stat.h"
#include "bench/bench_step.h"

// The relative error of the loss that the trajectories of the tests are allowed.
#define LOSS_TOLERANCE 1e-4

typedef struct watched {
    venn_step step;
    double *loss;
} watched;

static venn_status feed(void *user, venn_program *program, uint32_t run)
{
    return venn_step_feed(&((watched *)user)->step, program, run);
}

static void note_loss(void *user, venn_program *program, uint64_t ticket, uint32_t run)
{
    const float *loss = venn_program_output(program, ticket, "loss", NULL);
    ((watched *)user)->loss[run] = loss ? (double)*loss : NAN;
}

static double median_of(const double *us, size_t n)
{
    venn_sample_stat stat;
    return venn_sample_stat_make(us, n, &stat) == VENN_OK ? stat.median : NAN;
}

// What the host adds: from its call to its return, less what the device did in between.
static json_t *host_gap(const venn_sampled *s)
{
    double *gap = s->device_us ? venn_alloc(s->samples, sizeof *gap) : NULL;
    if (!gap)
        return json_null();
    for (uint32_t i = 0; i < s->samples; i++)
        gap[i] = s->wall_us[i] - s->device_us[i];
    json_t *median = venn_json_real(median_of(gap, s->samples));
    free(gap);
    return median;
}

static json_t *phases_json(const venn_sampled *s)
{
    json_t *phases = json_object();
    for (size_t i = 0; i < s->n_phases; i++) {
        const venn_sampled_phase *p = &s->phase[i];
        json_object_set_new(phases, *p->name ? p->name : "other",
                            json_pack("{s:o, s:f, s:f}", "median_us",
                                      venn_json_real(median_of(p->us, s->samples)), "flops",
                                      p->flops, "bytes", p->bytes));
    }
    json_object_set_new(
        phases, "host gap",
        json_pack("{s:o, s:f, s:f}", "median_us", host_gap(s), "flops", 0.0, "bytes", 0.0));
    return phases;
}

static json_t *details(const venn_sampled *s, const venn_program_info *info, const double *loss,
                       size_t n_loss, const venn_device *device)
{
    venn_memory_stats memory;
    venn_device_memory(device, &memory);
    json_t *losses = json_array();
    for (size_t i = 0; i < n_loss; i++)
        json_array_append_new(losses, venn_json_real(loss[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:i, s:i, s:i, s:{s:I, s:I, s:I}}", "phases", phases_json(s),
        "losses", losses, "joules", venn_json_real(s->metered.joules / s->samples), "clock_mhz",
        venn_json_real(s->metered.clock_mhz), "dispatches", (int)info->dispatches, "barriers",
        (int)info->barriers, "submissions", (int)info->submissions, "memory", "in_use",
        (json_int_t)memory.in_use, "transient", (json_int_t)info->transient_bytes,
        "transient_lower", (json_int_t)info->transient_lower);
}

static double bytes_of(const venn_sampled *s)
{
    double bytes = 0;
    for (size_t i = 0; i < s->n_phases; i++)
        bytes += s->phase[i].bytes;
    return bytes;
}

static venn_status sample(venn_bench_job *job, watched *w, const char *name, double error)
{
    const venn_bench_params *p = job->params;
    const venn_sampling sampling = {p->warmup, p->samples, true, p->limit_seconds, job->meter};
    const venn_sampled_hooks hooks = {feed, note_loss, w};
    venn_sampled sampled;
    venn_program_info info;
    w->loss = venn_alloc(p->warmup + p->samples, sizeof *w->loss);
    if (!w->loss)
        return VENN_NO_MEMORY;
    VENN_TRY(venn_sample_program(w->step.program, &sampling, &hooks, &sampled));
    venn_program_get_info(w->step.program, &info);
    const size_t n_loss = p->warmup + p->samples;
    venn_bench_add_row(
        job,
        &(venn_bench_result){.kind = "step",
                             .name = name,
                             .part = "step",
                             .error = error,
                             .limit = LOSS_TOLERANCE,
                             .unit = "relative",
                             .wrong = isfinite(w->loss[n_loss - 1]) ? "" : "the loss is not finite",
                             .us = sampled.wall_us,
                             .n = sampled.samples,
                             .flops = info.flops,
                             .bytes = bytes_of(&sampled),
                             .more = details(&sampled, &info, w->loss, n_loss, job->device)});
    venn_sampled_finish(&sampled);
    return VENN_OK;
}

static void measure(venn_bench_job *job, const venn_step_def *def)
{
    char name[64];
    watched w = {0};
    double error = 0;
    snprintf(name, sizeof name, "%s batch=%u", def->name, def->batch);
    venn_status status = venn_step_check(job->device, def, &error);
    if (status == VENN_OK)
        status = venn_step_create(&w.step, job->device, def, def->batch, true);
    if (status == VENN_OK)
        status = sample(job, &w, name, error);
    if (status < 0)
        venn_bench_add_failure(job, "step", name, status);
    venn_step_finish(&w.step);
    free(w.loss);
}

void venn_bench_steps(venn_bench_job *job)
{
    const bool quick = strcmp(job->params->suite, "quick") == 0;
    for (size_t i = 0; venn_bench_step_name(i) && job->fatal == VENN_OK; i++) {
        const venn_step_def *def;
        if (venn_step_find(venn_bench_step_name(i), &def) == VENN_OK && def->teacher &&
            (def->quick || !quick) && venn_bench_wanted(job->params, def->name))
            measure(job, def);
    }
}

#include "bench/sampling.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/thread.h"

typedef struct collector {
    venn_sampled *to;
    uint32_t sample;
    bool is_first, failed;
} collector;

static venn_sampled_phase *find(venn_sampled *s, const char *name)
{
    for (size_t i = 0; i < s->n_phases; i++)
        if (strcmp(s->phase[i].name, name) == 0)
            return &s->phase[i];
    return NULL;
}

const venn_sampled_phase *venn_sampled_find(const venn_sampled *sampled, const char *phase)
{
    for (size_t i = 0; i < sampled->n_phases; i++)
        if (strcmp(sampled->phase[i].name, phase) == 0)
            return &sampled->phase[i];
    return NULL;
}

static venn_sampled_phase *add(venn_sampled *s, const char *name)
{
    if (s->n_phases == VENN_SAMPLED_PHASES)
        return NULL;
    venn_sampled_phase *phase = &s->phase[s->n_phases];
    *phase = (venn_sampled_phase){.us = venn_alloc(s->samples, sizeof *phase->us)};
    snprintf(phase->name, sizeof phase->name, "%s", name);
    if (!phase->us)
        return NULL;
    s->n_phases++;
    return phase;
}

static void collect(void *user, const venn_node_time *t)
{
    collector *c = user;
    venn_sampled_phase *phase = find(c->to, t->phase);
    if (!phase)
        phase = add(c->to, t->phase);
    if (!phase) {
        c->failed = true;
        return;
    }
    phase->us[c->sample] += t->us;
    if (c->is_first) {
        phase->flops += t->flops;
        phase->bytes += t->bytes;
    }
}

static venn_status collect_phases(venn_program *program, venn_sampled *s, uint32_t sample)
{
    collector c = {.to = s, .sample = sample, .is_first = sample == 0};
    VENN_TRY(venn_program_node_times(program, collect, &c));
    return c.failed ? venn_fail(VENN_NO_MEMORY, "more than %d phases, or out of memory",
                                VENN_SAMPLED_PHASES)
                    : VENN_OK;
}

typedef struct run_times {
    double wall, cpu, host; // us
} run_times;

static venn_status run_once(venn_program *program, const venn_sampled_hooks *hooks, uint32_t run,
                            run_times *t, uint64_t *ticket)
{
    const uint64_t start = venn_clock_ns(), cpu_start = venn_cpu_ns();
    uint64_t host = venn_thread_cpu_ns();
    VENN_TRY(venn_program_begin(program));
    t->host = (double)(venn_thread_cpu_ns() - host) * 1e-3;
    if (hooks->feed)
        VENN_TRY(hooks->feed(hooks->user, program, run));
    host = venn_thread_cpu_ns();
    VENN_TRY(venn_program_submit(program, ticket));
    t->host += (double)(venn_thread_cpu_ns() - host) * 1e-3;
    VENN_TRY(venn_program_wait(program, *ticket));
    t->wall = (double)(venn_clock_ns() - start) * 1e-3;
    t->cpu = (double)(venn_cpu_ns() - cpu_start) * 1e-3;
    if (hooks->done)
        hooks->done(hooks->user, program, *ticket, run);
    return VENN_OK;
}

// What a run says of all of them. The first may spend most of its time on building kernels, so it is
// judged by itself alone.
static venn_status judge(const venn_sampling *sampling, uint32_t run, double wall)
{
    const uint32_t left = run == 0 ? 1 : sampling->warmup + sampling->samples - run;
    if (sampling->limit_seconds > 0 && wall * 1e-6 * left > sampling->limit_seconds)
        return venn_fail(VENN_CANCELLED, "a run takes %.1f s, %u of them more than %.0f s",
                         wall * 1e-6, left, sampling->limit_seconds);
    return VENN_OK;
}

static venn_status sample_all(venn_program *program, const venn_sampling *sampling,
                              const venn_sampled_hooks *hooks, venn_sampled *s)
{
    for (uint32_t run = 0; run < sampling->warmup + s->samples; run++) {
        run_times t;
        uint64_t ticket;
        if (run == sampling->warmup)
            venn_meter_start(sampling->meter);
        VENN_TRY(run_once(program, hooks, run, &t, &ticket));
        const double device = venn_program_device_time(program, ticket);
        if (run < 2)
            VENN_TRY(judge(sampling, run, t.wall));
        if (run == 0 && device <= 0) {
            free(s->device_us);
            s->device_us = NULL;
        }
        if (run < sampling->warmup)
            continue;
        const uint32_t sample = run - sampling->warmup;
        venn_meter_tick(sampling->meter);
        s->wall_us[sample] = t.wall;
        s->cpu_us[sample] = t.cpu;
        s->host_us[sample] = t.host;
        if (s->device_us)
            s->device_us[sample] = device;
        if (sampling->phases && s->device_us)
            VENN_TRY(collect_phases(program, s, sample));
    }
    s->metered = venn_meter_stop(sampling->meter);
    return VENN_OK;
}

venn_status venn_sample_program(venn_program *program, const venn_sampling *sampling,
                                const venn_sampled_hooks *hooks, venn_sampled *sampled)
{
    *sampled = (venn_sampled){.samples = sampling->samples,
                              .wall_us = venn_alloc(sampling->samples, sizeof(double)),
                              .cpu_us = venn_alloc(sampling->samples, sizeof(double)),
                              .host_us = venn_alloc(sampling->samples, sizeof(double)),
                              .device_us = venn_alloc(sampling->samples, sizeof(double))};
    venn_status status =
        sampled->wall_us && sampled->cpu_us && sampled->host_us && sampled->device_us
            ? VENN_OK
            : VENN_NO_MEMORY;
    if (status == VENN_OK)
        status = sample_all(program, sampling, hooks, sampled);
    if (status < 0)
        venn_sampled_finish(sampled);
    return status;
}

void venn_sampled_finish(venn_sampled *sampled)
{
    free(sampled->wall_us);
    free(sampled->cpu_us);
    free(sampled->host_us);
    free(sampled->device_us);
    for (size_t i = 0; i < sampled->n_phases; i++)
        free(sampled->phase[i].us);
    *sampled = (venn_sampled){0};
}

// Whole training steps, timed.
#include <string.h>

#include "base/status.h"
#include "bench/bench_step.h"

venn_status venn_bench_step(venn_device *device, const char *name, uint32_t warmup,
                            uint32_t samples, double *us, double *host_us, venn_program_info *info)
{
    const venn_step_def *def;
    VENN_TRY(venn_step_find(name, &def));
    venn_step s;
    venn_sampled sampled;
    venn_status status = venn_step_create(&s, device, def, def->batch, false);
    const venn_sampling sampling = {.warmup = warmup, .samples = samples};
    const venn_sampled_hooks hooks = {.feed = venn_step_feed, .user = &s};
    if (status == VENN_OK)
        status = venn_sample_program(s.program, &sampling, &hooks, &sampled);
    if (status == VENN_OK) {
        memcpy(us, sampled.wall_us, samples * sizeof *us);
        memcpy(host_us, sampled.host_us, samples * sizeof *host_us);
        venn_program_get_info(s.program, info);
        venn_sampled_finish(&sampled);
    }
    venn_step_finish(&s);
    return status;
}

venn_status venn_bench_step_nodes(venn_device *device, const char *name, venn_node_time_fn fn,
                                  void *user)
{
    const venn_step_def *def;
    VENN_TRY(venn_step_find(name, &def));
    venn_step s;
    venn_sampled sampled;
    venn_status status = venn_step_create(&s, device, def, def->batch, true);
    const venn_sampling sampling = {.warmup = 3, .samples = 1};
    const venn_sampled_hooks hooks = {.feed = venn_step_feed, .user = &s};
    if (status == VENN_OK)
        status = venn_sample_program(s.program, &sampling, &hooks, &sampled);
    if (status == VENN_OK) {
        venn_sampled_finish(&sampled);
        status = venn_program_node_times(s.program, fn, user);
    }
    venn_step_finish(&s);
    return status;
}

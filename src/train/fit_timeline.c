// The first steps of a training on a timeline. Traced steps do not overlap, so that each one's
// timestamps are still there when it is done.
#include <stdio.h>

#include "base/thread.h"
#include "train/fit_internal.h"

enum { TIMELINE_STEPS = 20 };

typedef struct device_track {
    venn_timeline *timeline;
    uint64_t start; // of the run, by the host's clock
} device_track;

bool venn_fit_traces(const fit_state *f)
{
    const venn_observer *o = f->fit->observer;
    return o && o->timeline && f->traced < (o->timeline_steps ? o->timeline_steps : TIMELINE_STEPS);
}

static void add_node(void *user, const venn_node_time *t)
{
    const device_track *d = user;
    char detail[160];
    snprintf(detail, sizeof detail, "%s, %.0f flops, %.0f bytes", t->name, t->flops, t->bytes);
    venn_timeline_slice(d->timeline, "device", t->phase, t->op,
                        d->start + (uint64_t)(t->start_us * 1e3), t->us, detail);
}

// A driver that cannot relate the clocks leaves bounds: the run lies between submit and return; its
// middle goes to theirs.
static uint64_t run_start(const fit_state *f, uint64_t ticket, const fit_moments *m)
{
    const uint64_t known = venn_program_began(f->program);
    if (known)
        return known;
    const uint64_t host = m->done - m->fed;
    const uint64_t device = (uint64_t)(venn_program_device_time(f->program, ticket) * 1e3);
    return m->fed + (host > device ? (host - device) / 2 : 0);
}

void venn_fit_trace(fit_state *f, uint64_t ticket, const fit_moments *m)
{
    venn_timeline *timeline = f->fit->observer->timeline;
    char name[32];
    snprintf(name, sizeof name, "step %llu", (unsigned long long)f->steps);
    venn_timeline_slice(timeline, "host", "step", name, m->begun,
                        (double)(m->done - m->begun) * 1e-3, NULL);
    venn_timeline_slice(timeline, "host", "batch", "feed", m->begun,
                        (double)(m->fed - m->begun) * 1e-3, "the batch, schedules and states");
    venn_timeline_slice(timeline, "host", "submit", "submit and wait", m->fed,
                        (double)(m->done - m->fed) * 1e-3, NULL);
    device_track track = {timeline, run_start(f, ticket, m)};
    venn_program_node_times(f->program, add_node, &track); // without a clock there is no track
    f->traced++;
}

// Learning-rate schedules: pure functions of step and epoch.
#include <math.h>

#include "base/status.h"
#include "venn/optim.h"

static double factor_of(const venn_schedule *s)
{
    return s->factor != 0 ? s->factor : 0.1;
}

static double progress(const venn_schedule *s, int64_t step)
{
    double p = (double)(step - s->warmup) / (double)(s->total - s->warmup);
    return fmin(fmax(p, 0), 1);
}

static double decay(const venn_schedule *s, int64_t step, int64_t epoch)
{
    int64_t every = s->every > 0 ? s->every : 1;
    switch (s->kind) {
    case VENN_SCHEDULE_CONSTANT:
        return 1;
    case VENN_SCHEDULE_STEP:
        return pow(factor_of(s), (double)(epoch / every));
    case VENN_SCHEDULE_EXPONENTIAL:
        return pow(factor_of(s), (double)epoch);
    case VENN_SCHEDULE_LINEAR:
        return 1 + (s->end - 1) * progress(s, step);
    case VENN_SCHEDULE_COSINE:
        return s->end + (1 - s->end) * 0.5 * (1 + cos(3.14159265358979323846 * progress(s, step)));
    }
    return 1;
}

double venn_schedule_lr(const venn_schedule *schedule, double lr, int64_t step, int64_t epoch)
{
    if (!schedule)
        return lr;
    double rate = lr * decay(schedule, step, epoch);
    if (step < schedule->warmup)
        rate *= (double)(step + 1) / (double)schedule->warmup;
    return rate;
}

venn_status venn_schedule_check(const venn_schedule *s)
{
    if (s->warmup < 0)
        return venn_fail(VENN_BAD_ARG, "schedule: warmup is %lld, must be at least 0",
                         (long long)s->warmup);
    switch (s->kind) {
    case VENN_SCHEDULE_CONSTANT:
        return VENN_OK;
    case VENN_SCHEDULE_STEP:
    case VENN_SCHEDULE_EXPONENTIAL:
        if (!(s->factor >= 0) || !isfinite(s->factor))
            return venn_fail(VENN_BAD_ARG, "schedule %s: factor is %g, must be above 0",
                             venn_schedule_kind_name(s->kind), s->factor);
        if (s->every < 0)
            return venn_fail(VENN_BAD_ARG, "schedule step: every is %d epochs, must be above 0",
                             (int)s->every);
        return VENN_OK;
    case VENN_SCHEDULE_LINEAR:
    case VENN_SCHEDULE_COSINE:
        if (s->total <= s->warmup)
            return venn_fail(
                VENN_BAD_ARG, "schedule %s: total is %lld steps, must exceed warmup, %lld",
                venn_schedule_kind_name(s->kind), (long long)s->total, (long long)s->warmup);
        if (!(s->end >= 0) || !isfinite(s->end))
            return venn_fail(VENN_BAD_ARG, "schedule %s: end is %g, must be at least 0",
                             venn_schedule_kind_name(s->kind), s->end);
        return VENN_OK;
    }
    return venn_fail(VENN_BAD_ARG, "schedule: no such kind, %d", (int)s->kind);
}

const char *venn_schedule_kind_name(venn_schedule_kind kind)
{
    static const char *const name[] = {"constant", "step", "exponential", "linear", "cosine"};
    return name[kind];
}

// Learning-rate schedules against their formulas and known points.
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "venn/optim.h"

static void expect(const venn_schedule *s, double lr, int64_t step, int64_t epoch, double want)
{
    double got = venn_schedule_lr(s, lr, step, epoch);
    cr_assert(fabs(got - want) <= 1e-12 * fmax(1, fabs(want)), "%s at step %d epoch %d: %g, not %g",
              venn_schedule_kind_name(s->kind), (int)step, (int)epoch, got, want);
}

Test(schedule, constant_is_lr)
{
    venn_schedule s = {0};
    expect(&s, 0.25, 0, 0, 0.25);
    expect(&s, 0.25, 100000, 99, 0.25);
    cr_assert_eq(venn_schedule_lr(NULL, 0.5, 3, 1), 0.5);
}

Test(schedule, step_drops_every_so_many_epochs)
{
    venn_schedule s = {.kind = VENN_SCHEDULE_STEP, .every = 30, .factor = 0.5};
    const double want[] = {1, 0.5, 0.25, 0.125};
    for (int epoch = 0; epoch < 120; epoch++)
        expect(&s, 1, 7, epoch, want[epoch / 30]);
    venn_schedule defaults = {.kind = VENN_SCHEDULE_STEP};
    expect(&defaults, 1, 0, 2, 0.01);
}

Test(schedule, exponential_multiplies_every_epoch)
{
    venn_schedule s = {.kind = VENN_SCHEDULE_EXPONENTIAL, .factor = 0.9};
    double want = 0.1;
    for (int epoch = 0; epoch < 50; epoch++, want *= 0.9)
        expect(&s, 0.1, 1000 * epoch, epoch, want);
}

Test(schedule, linear_and_cosine_run_from_lr_to_end)
{
    venn_schedule linear = {.kind = VENN_SCHEDULE_LINEAR, .total = 200, .end = 0.1};
    venn_schedule cosine = {.kind = VENN_SCHEDULE_COSINE, .total = 200};
    for (int step = 0; step <= 250; step++) {
        double p = step < 200 ? step / 200.0 : 1;
        expect(&linear, 2, step, 0, 2 - 1.8 * p);
        expect(&cosine, 2, step, 0, 1 + cos(3.141592653589793 * p));
    }
    expect(&cosine, 2, 100, 5, 1);
    expect(&cosine, 2, 200, 9, 0);
}

Test(schedule, warmup_rises_linearly_and_comes_off_the_decay)
{
    venn_schedule s = {.kind = VENN_SCHEDULE_COSINE, .total = 110, .warmup = 10};
    for (int step = 0; step < 10; step++)
        expect(&s, 1, step, 0, (step + 1) / 10.0);
    expect(&s, 1, 10, 0, 1);
    expect(&s, 1, 60, 0, 0.5);
    expect(&s, 1, 110, 0, 0);
    venn_schedule drop = {.kind = VENN_SCHEDULE_STEP, .every = 1, .factor = 0.5, .warmup = 4};
    expect(&drop, 1, 1, 2, 0.25 * 0.5);
}

Test(schedule, what_makes_no_sense_is_named)
{
    const struct {
        venn_schedule schedule;
        const char *word;
    } bad[] = {
        {{.kind = VENN_SCHEDULE_COSINE}, "total"},
        {{.kind = VENN_SCHEDULE_LINEAR, .total = 10, .warmup = 10}, "total"},
        {{.kind = VENN_SCHEDULE_LINEAR, .total = 10, .end = -1}, "end"},
        {{.kind = VENN_SCHEDULE_STEP, .factor = -0.5}, "factor"},
        {{.kind = VENN_SCHEDULE_EXPONENTIAL, .factor = NAN}, "factor"},
        {{.kind = VENN_SCHEDULE_STEP, .every = -1}, "every"},
        {{.warmup = -1}, "warmup"},
        {{.kind = (venn_schedule_kind)17}, "kind"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        cr_assert_eq(venn_schedule_check(&bad[i].schedule), VENN_BAD_ARG, "row %zu", i);
        cr_assert(strstr(venn_error_message(), bad[i].word), "%s", venn_error_message());
    }
    venn_schedule good = {.kind = VENN_SCHEDULE_COSINE, .total = 10, .warmup = 9};
    cr_assert_eq(venn_schedule_check(&good), VENN_OK);
}

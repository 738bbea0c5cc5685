#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_progress.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL); // the next one kills
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool stop(void *user)
{
    (void)user;
    return interrupted;
}

static const char *dim(const cli_progress *p)
{
    return p->colour ? "\033[2m" : "";
}

static const char *plain(const cli_progress *p)
{
    return p->colour ? "\033[0m" : "";
}

// "distilled/pretrain": what a method trains before its last stage.
static const char *phase_mark(const venn_distill_stage *stage)
{
    return stage->phase ? "/" : "";
}

static const char *phase_name(const venn_distill_stage *stage)
{
    return stage->phase ? stage->phase : "";
}

static void on_start(void *user, const venn_distill_stage *stage)
{
    cli_progress *p = user;
    p->stage_started = now();
    p->stage_first = UINT64_MAX;
    if (!p->terminal && p->verbose > 0)
        fprintf(stderr, "[%u/%u] %s, seed %llu\n", stage->number, stage->count, stage->stage,
                (unsigned long long)stage->seed);
}

static void format_time(double seconds, char text[16])
{
    int s = (int)(seconds + 0.5);
    snprintf(text, 16, "%d:%02d", s / 60, s % 60);
}

static void on_step(void *user, const venn_distill_stage *stage, const venn_step_event *event)
{
    enum { WIDTH = 24 };
    cli_progress *p = user;
    double time = now();
    if (p->stage_first == UINT64_MAX || p->phase != stage->phase) {
        p->stage_first = event->step - 1;
        p->stage_started = time;
        p->phase = stage->phase;
    }
    if (!p->terminal || p->verbose < 0 || time - p->shown < 0.1)
        return;
    p->shown = time;
    char bar[WIDTH * 3 + 1] = "", left[16] = "?";
    double share = (double)event->step / (double)event->total;
    for (int i = 0; i < WIDTH; i++)
        strcat(bar, i < share * WIDTH ? "█" : "░");
    uint64_t done = event->step - p->stage_first;
    if (done > 5)
        format_time((time - p->stage_started) / (double)done * (double)(event->total - event->step),
                    left);
    fprintf(stderr,
            "\r\033[K[%u/%u] %s%s%s, seed %llu %s%s%s epoch %u/%u loss %.4f, %s left in this "
            "training",
            stage->number, stage->count, stage->stage, phase_mark(stage), phase_name(stage),
            (unsigned long long)stage->seed, dim(p), bar, plain(p), event->epoch, event->epochs,
            event->loss, left);
    p->line_open = true;
}

static void on_epoch(void *user, const venn_distill_stage *stage, const venn_metrics *m)
{
    cli_progress *p = user;
    if (p->verbose < 1)
        return;
    cli_progress_end(p);
    fprintf(stderr, "[%u/%u] %s%s%s, seed %llu: epoch %u, loss %.4f", stage->number, stage->count,
            stage->stage, phase_mark(stage), phase_name(stage), (unsigned long long)stage->seed,
            m->epoch, m->loss);
    for (int i = 0; i < m->n_terms; i++)
        fprintf(stderr, ", %s %.4f", m->terms[i].name, m->terms[i].value);
    if (!isnan(m->train_accuracy))
        fprintf(stderr, ", train %.1f %%", 100 * m->train_accuracy);
    if (!isnan(m->valid_accuracy))
        fprintf(stderr, ", valid %.1f %%", 100 * m->valid_accuracy);
    fprintf(stderr, ", %.1f s\n", m->seconds);
}

static void on_end(void *user, const venn_distill_stage *stage, const venn_fit_result *r)
{
    cli_progress *p = user;
    cli_progress_end(p);
    if (p->verbose < 0)
        return;
    fprintf(stderr, "[%u/%u] %s, seed %llu: test %s %.2f %% (best epoch %u), %.1f s\n",
            stage->number, stage->count, stage->stage, (unsigned long long)stage->seed,
            stage->score, 100 * r->test_accuracy, r->best_epoch, r->seconds);
    if (p->verbose > 0)
        fprintf(stderr,
                "        %u submission of %u dispatches and %u barriers per training step, "
                "%.0f us on the device; values in %.2f MB (at least %.2f); first step after "
                "%.2f s\n",
                r->step.submissions, r->step.dispatches, r->step.barriers, r->step_us,
                (double)r->step.transient_bytes * 1e-6, (double)r->step.transient_lower * 1e-6,
                r->first_step);
}

void cli_progress_end(cli_progress *p)
{
    if (p->line_open)
        fprintf(stderr, "\r\033[K");
    p->line_open = false;
}

venn_distill_observer cli_progress_observer(cli_progress *p, const cli_common *common)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    *p = (cli_progress){.terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
                        .verbose = common->verbose,
                        .started = now()};
    p->colour = p->terminal && !(no_colour && *no_colour);
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    return (venn_distill_observer){p, on_start, on_step, on_epoch, on_end, stop};
}

// soak [MINUTES]: a small distillation over and over in one process, each time with a device, graphs and programs of
// its own: stopped at some step, resumed from its checkpoint, evaluated, everything destroyed. After each round
// nothing may be left: resident memory must stay flat, files and threads as many as they were.
#include <ftw.h>
#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../live_bytes.h"
#include "venn/distill.h"

// What is measured before a third of the time is over does not count, nor do the first rounds: allocators, the
// driver's caches and the folder of kernels fill. Afterwards memory may grow by this much in an hour, of about 1,200
// rounds. What is no three times its standard error is noise.
enum { FIRST_ROUNDS = 6, MOST_SAMPLES = 1 << 16 };
static const double most_resident = 16, most_live = 0.25; // MiB

typedef struct sample {
    double seconds, resident, live; // MiB
    int files, threads;
} sample;

typedef struct soak {
    char folder[64], run[96];
    double begun, until;
    uint64_t rounds, steps, polls, stop_at;
    sample samples[MOST_SAMPLES];
    size_t n;
} soak;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int complain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("soak: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return 1;
}

// ---- A round ---------------------------------------------------------------------------------

static void count_step(void *user, const venn_distill_stage *stage, const venn_step_event *event)
{
    (void)stage;
    (void)event;
    ((soak *)user)->steps++;
}

static bool stop(void *user)
{
    soak *s = user;
    return ++s->polls == s->stop_at;
}

static venn_status train(soak *s, venn_device *device, const venn_distill_config *config)
{
    const venn_distill_observer observer = {.user = s, .on_step = count_step, .stop = stop};
    s->polls = 0;
    s->stop_at =
        1 + s->rounds * 7 % 15; // of the 15 steps that are not the last of an epoch, each in turn
    venn_status status = venn_distill_run(device, config, s->run, false, NULL, &observer);
    if (status == VENN_CANCELLED)
        status = venn_distill_run(device, config, s->run, true, NULL, &observer);
    else if (status == VENN_OK)
        complain("round %llu was not stopped", (unsigned long long)s->rounds);
    return status;
}

static venn_status evaluate(const soak *s, venn_device *device, const venn_distill_config *config)
{
    char weights[160];
    venn_evaluation result;
    int64_t *confusion = NULL;
    size_t n_classes;
    snprintf(weights, sizeof weights, "%s/seed-0/distilled/best.safetensors", s->run);
    const venn_status status = venn_distill_evaluate(device, config, "student", weights, "test",
                                                     &result, &confusion, &n_classes);
    free(confusion);
    return status;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void remove_tree(const char *path)
{
    nftw(path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static venn_status run_round(soak *s)
{
    venn_device *device = NULL;
    venn_distill_config *config = NULL;
    venn_status status = venn_device_create(&device, NULL);
    if (status == VENN_OK)
        status = venn_distill_config_load(&config, "digits-kd");
    if (status == VENN_OK)
        status = venn_distill_config_set(config, 1, 1, 300); // 6 steps of 50 a training
    if (status == VENN_OK)
        status = train(s, device, config);
    if (status == VENN_OK)
        status = evaluate(s, device, config);
    venn_distill_config_destroy(&config);
    venn_device_destroy(&device);
    remove_tree(s->run);
    s->rounds++;
    return status;
}

// ---- What is left ----------------------------------------------------------------------------

static const sample *measure(soak *s)
{
    sample *x = &s->samples[s->n];
    malloc_trim(0); // what is free is not held
    s->n += s->n + 1 < MOST_SAMPLES;
    *x = (sample){now() - s->begun, (double)resident_bytes() / (1 << 20),
                  (double)live_bytes() / (1 << 20), open_files(), live_threads()};
    return x;
}

static void print(const soak *s, const sample *x)
{
    printf("%8.1f %8llu %9llu %12.2f %12.3f %7d %9d\n", x->seconds / 60,
           (unsigned long long)s->rounds, (unsigned long long)s->steps, x->resident, x->live,
           x->files, x->threads);
    fflush(stdout);
}

// What grows, in MiB an hour, by least squares.
typedef struct growth {
    double hourly, error;
} growth;

static double value_of(const sample *x, bool live)
{
    return live ? x->live : x->resident;
}

static growth fit(const sample *x, size_t n, bool live)
{
    double t = 0, y = 0, tt = 0, ty = 0, left = 0;
    for (size_t i = 0; i < n; i++) {
        t += x[i].seconds / 3600 / (double)n;
        y += value_of(&x[i], live) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        const double d = x[i].seconds / 3600 - t;
        tt += d * d;
        ty += d * (value_of(&x[i], live) - y);
    }
    for (size_t i = 0; i < n; i++)
        left += pow(value_of(&x[i], live) - y - ty / tt * (x[i].seconds / 3600 - t), 2);
    return (growth){ty / tt, sqrt(left / (double)(n - 2) / tt)};
}

static int check(const char *what, growth g, double most)
{
    printf("%s grows by %+.3f +- %.3f MiB an hour (at most %g)\n", what, g.hourly, g.error, most);
    return g.hourly > most && g.hourly > 3 * g.error ? complain("%s is not flat", what) : 0;
}

static int judge(const soak *s)
{
    size_t first = 0;
    while (first < s->n && (first < FIRST_ROUNDS || s->samples[first].seconds < s->until / 3))
        first++;
    const sample *x = s->samples + first;
    const size_t n = s->n - first;
    if (n < 6)
        return complain("too few rounds to tell: give it more minutes");
    printf("%llu rounds, %llu steps, %d files, %d threads\n", (unsigned long long)s->rounds,
           (unsigned long long)s->steps, x[n - 1].files, x[n - 1].threads);
    int bad = check("resident memory", fit(x, n, false), most_resident);
    bad |= check("what malloc has given out", fit(x, n, true), most_live);
    if (x[n - 1].files != x->files || x[n - 1].threads != x->threads)
        bad = complain("%d files and %d threads became %d and %d", x->files, x->threads,
                       x[n - 1].files, x[n - 1].threads);
    return bad;
}

static int soak_for(soak *s)
{
    double printed = -1e9;
    printf("%8s %8s %9s %12s %12s %7s %9s\n", "minutes", "rounds", "steps", "resident MiB",
           "malloc MiB", "files", "threads");
    while (now() - s->begun < s->until) {
        if (run_round(s) < 0)
            return complain("round %llu: %s", (unsigned long long)s->rounds, venn_error_message());
        const sample *x = measure(s);
        if (x->seconds - printed >= s->until / 60) {
            print(s, x);
            printed = x->seconds;
        }
    }
    print(s, &s->samples[s->n - 1]);
    return judge(s);
}

int main(int argc, char **argv)
{
    static soak s = {.folder = "/tmp/venn-soak-XXXXXX"};
    char *end, kernels[96];
    const double minutes = argc > 1 ? strtod(argv[1], &end) : 30;
    if (argc > 2 || (argc > 1 && (*end || !(minutes > 0))))
        return complain("usage: soak [MINUTES]") + 1;
    if (!mkdtemp(s.folder))
        return complain("%s cannot be made", s.folder);
    snprintf(s.run, sizeof s.run, "%s/run", s.folder);
    snprintf(kernels, sizeof kernels, "%s/kernels", s.folder);
    setenv("VENN_WISDOM", "none", 0);
    setenv("VENN_KERNEL_CACHE", kernels, 0);
    venn_log_set(NULL, NULL, VENN_LOG_ERROR);
    s.begun = now();
    s.until = 60 * minutes;
    const int code = soak_for(&s);
    remove_tree(s.folder);
    return code;
}

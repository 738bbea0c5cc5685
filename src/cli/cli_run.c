// A job in a run folder: options, progress, interruption, the table.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli_progress.h"
#include "cli_run.h"
#include "cli_supervise.h"
#include "cli_tensorboard.h"
#include "venn/io.h"

enum { RESTARTS = 5 };

typedef struct options {
    cli_common common;
    const char *config, *out, *resume, *compare;
    uint32_t seeds, epochs;
    int64_t limit;
    const char *trace, *tensorboard;
    uint32_t trace_steps;
    uint32_t restarts; // 0: not supervised
} options;

enum {
    KEY_RESUME = 0x200,
    KEY_SEEDS,
    KEY_EPOCHS,
    KEY_LIMIT,
    KEY_TRACE,
    KEY_TRACE_STEPS,
    KEY_COMPARE,
    KEY_SUPERVISE,
    KEY_TENSORBOARD
};

static const struct argp_option run_options[] = {
    {"out", 'o', "DIR", 0, "Run folder (default: runs/NAME-TIME)", 0},
    {"resume", KEY_RESUME, "DIR", 0, "Go on with the interrupted run in DIR", 0},
    {"seeds", KEY_SEEDS, "N", 0, "Repeat over N seeds instead of the config's", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "Train every network for N epochs instead of the config's", 0},
    {"limit", KEY_LIMIT, "N", 0, "Use at most N training pairs", 0},
    {"compare", KEY_COMPARE, "METHOD,METHOD...", 0,
     "Distil by each of these methods instead of the config's, from the same initial students and "
     "on the same batches (venn distill)",
     0},
    {"supervise", KEY_SUPERVISE, "N", OPTION_ARG_OPTIONAL,
     "Go on from the last checkpoint after a lost device or a crash, at most N times (default 5)",
     0},
    {"tensorboard", KEY_TENSORBOARD, "DIR", 0,
     "Write the curves of every training for TensorBoard, each in a folder in DIR", 0},
    {"trace", KEY_TRACE, "FILE", 0,
     "Write the first steps of every training as trace events for chrome://tracing or Perfetto", 0},
    {"trace-steps", KEY_TRACE_STEPS, "N", 0, "How many steps go there (default 20)", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case 'o':
        o->out = argument;
        return 0;
    case KEY_RESUME:
        o->resume = argument;
        return 0;
    case KEY_SEEDS:
        o->seeds = cli_count(argument, "--seeds", INT32_MAX, state);
        return 0;
    case KEY_EPOCHS:
        o->epochs = cli_count(argument, "--epochs", INT32_MAX, state);
        return 0;
    case KEY_LIMIT:
        o->limit = cli_count(argument, "--limit", INT32_MAX, state);
        return 0;
    case KEY_COMPARE:
        o->compare = argument;
        return 0;
    case KEY_SUPERVISE:
        o->restarts = argument ? cli_count(argument, "--supervise", INT32_MAX, state) : RESTARTS;
        return 0;
    case KEY_TRACE:
        o->trace = argument;
        return 0;
    case KEY_TENSORBOARD:
        o->tensorboard = argument;
        return 0;
    case KEY_TRACE_STEPS:
        o->trace_steps = cli_count(argument, "--trace-steps", INT32_MAX, state);
        return 0;
    case ARGP_KEY_ARG:
        if (o->config)
            argp_error(state, "only one config can be run, not also \"%s\"", argument);
        o->config = argument;
        return 0;
    case ARGP_KEY_END:
        if (!o->config && !o->resume)
            argp_error(state, "which config? A YAML file, or \"digits-kd\" for the embedded one");
        if (o->resume && (o->config || o->out || o->seeds || o->epochs || o->limit || o->compare))
            argp_error(state, "--resume takes everything from the run's folder: no other options");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *join_command(int argc, char **argv)
{
    size_t size = 1;
    for (int i = 0; i < argc; i++)
        size += strlen(argv[i]) + 1;
    char *text = calloc(1, size);
    for (int i = 0; text && i < argc; i++) {
        if (i)
            strcat(text, " ");
        strcat(text, argv[i]);
    }
    return text;
}

static void choose_folder(const options *o, const venn_distill_config *config, char *folder,
                          size_t size)
{
    char stamp[32];
    time_t now = time(NULL);
    struct tm local;
    strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", localtime_r(&now, &local));
    if (o->out || o->resume)
        snprintf(folder, size, "%s", o->out ? o->out : o->resume);
    else
        snprintf(folder, size, "runs/%s-%s", venn_distill_config_name(config), stamp);
}

static int print_table(const char *folder)
{
    char *text = NULL;
    venn_status status = venn_summary_table(folder, &text);
    if (status < 0)
        return cli_fail(status);
    printf("%s\nreport: %s/report.html\n", text, folder);
    free(text);
    return EXIT_OK;
}

// Also of a run that failed: what led there is what one wants to see.
static int write_trace(const options *o, const venn_timeline *timeline)
{
    const venn_status status = venn_timeline_write(timeline, o->trace);
    if (status < 0)
        return cli_fail(status);
    if (o->common.verbose >= 0)
        fprintf(stderr, "venn: %zu slices in %s: open it in chrome://tracing or ui.perfetto.dev\n",
                venn_timeline_count(timeline), o->trace);
    return EXIT_OK;
}

static int run(const options *o, const venn_distill_config *config, const char *folder,
               const char *command, cli_job job)
{
    venn_device *device = NULL;
    venn_status status = cli_open_device(&o->common, &device);
    if (status < 0)
        return cli_fail(status);
    cli_progress progress;
    venn_distill_observer observer = cli_progress_observer(&progress, &o->common);
    observer.timeline_steps = o->trace_steps;
    cli_tensorboard board;
    if (o->tensorboard)
        observer = cli_tensorboard_observer(&board, o->tensorboard, &observer);
    if (o->trace)
        status = venn_timeline_create(&observer.timeline);
    if (status == VENN_OK)
        status = job(device, config, folder, o->resume != NULL, command, &observer);
    cli_progress_end(&progress);
    int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (o->tensorboard) {
        const int written = cli_tensorboard_end(&board);
        code = code ? code : written;
    }
    if (observer.timeline) {
        const int written = write_trace(o, observer.timeline);
        code = code ? code : written;
        venn_timeline_destroy(&observer.timeline);
    }
    venn_device_destroy(&device);
    if (status == VENN_CANCELLED || (status == VENN_DEVICE_LOST && o->restarts == 0))
        fprintf(stderr, "venn: go on with: %.*s --resume %s\n", (int)strcspn(command + 5, " ") + 5,
                command, folder);
    if (code)
        return code;
    return o->common.json ? cli_print_kept(folder, "summary.json") : print_table(folder);
}

// The run that is described, or the rest of one.
static venn_status load_config(const options *o, venn_distill_config **config)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s", o->resume ? o->resume : o->config,
             o->resume ? "/config.yaml" : "");
    venn_status status = venn_distill_config_load(config, path);
    if (status == VENN_OK && o->compare)
        status = venn_distill_config_compare(*config, o->compare);
    if (status == VENN_OK)
        status = venn_distill_config_set(*config, o->seeds, o->epochs, o->limit);
    return status;
}

typedef struct supervised {
    const options *options;
    const venn_distill_config *config;
    const char *folder, *command;
    cli_job job;
} supervised;

static bool is_begun(const char *folder)
{
    char path[4200];
    snprintf(path, sizeof path, "%s/config.yaml", folder);
    return access(path, F_OK) == 0;
}

static int attempt(void *user, uint32_t number)
{
    const supervised *s = user;
    if (number == 0 || !is_begun(s->folder))
        return run(s->options, s->config, s->folder, s->command, s->job);
    options o = *s->options;
    o.resume = s->folder;
    o.seeds = o.epochs = 0;
    o.limit = 0;
    o.compare = NULL;
    venn_distill_config *config = NULL;
    venn_status status = load_config(&o, &config);
    int code = status < 0 ? cli_fail(status) : run(&o, config, s->folder, s->command, s->job);
    venn_distill_config_destroy(&config);
    return code;
}

int cli_run(int argc, char **argv, const char *doc, cli_job job)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {run_options, parse, "CONFIG", doc, children, NULL, NULL};
    options o = {0};
    cli_parse(&argp, argc, argv, &o, &o.common);
    if (o.compare && job != venn_distill_run) {
        fprintf(stderr, "venn: --compare is for venn distill: without a method there is nothing to "
                        "compare\n");
        return EXIT_USAGE;
    }
    char folder[4096];
    venn_distill_config *config = NULL;
    venn_status status = load_config(&o, &config);
    if (status < 0) {
        int code = cli_fail(status);
        venn_distill_config_destroy(&config);
        return code;
    }
    choose_folder(&o, config, folder, sizeof folder);
    char *command = join_command(argc, argv);
    supervised s = {&o, config, folder, command, job};
    int code = !command     ? EXIT_MEMORY
               : o.restarts ? cli_supervise(attempt, &s, o.restarts)
                            : attempt(&s, 0);
    free(command);
    venn_distill_config_destroy(&config);
    return code;
}

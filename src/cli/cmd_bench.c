// venn bench: measures devices and writes a result file for `venn compare`; or times one training step.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_bench.h"
#include "venn/bench.h"

enum { MAX_DEVICES = 16 };

typedef struct options {
    cli_common common;
    const char *devices[MAX_DEVICES];
    size_t n_devices;
    bool all;
    const char *output, *step;
    bool nodes, peaks;
    cli_bench work;
    venn_bench_params params;
} options;

enum {
    KEY_STEP = 0x500,
    KEY_SAMPLES,
    KEY_NODES,
    KEY_SUITE,
    KEY_ONLY,
    KEY_DEVICE,
    KEY_LIMIT,
    KEY_WORK,
    KEY_PART,
    KEY_PACED,
    KEY_PEAKS
};

static const struct argp_option bench_options[] = {
    {"device", KEY_DEVICE, "WHICH", 0,
     "Index, UUID or part of the name, or \"all\"; may be given several times; default: "
     "VENN_DEVICE, "
     "else the first usable",
     0},
    {"suite", KEY_SUITE, "NAME", 0, "quick (default) or full", 0},
    {"only", KEY_ONLY, "NAME", 0, "Only the rows whose names begin so: matmul, lenet-kd", 0},
    {"samples", KEY_SAMPLES, "N", 0, "Samples of each row (default 20; of --step 30)", 0},
    {"limit", KEY_LIMIT, "SECONDS", 0, "Give up rows that would take longer (default 60)", 0},
    {"output", 'o', "FILE", 0, "Write the result file, for venn compare", 0},
    {"step", KEY_STEP, "NAME", 0,
     "Time this training step alone: lenet, mlp, lenet-kd, mlp-kd, resnet18-kd, transformer-kd", 1},
    {"nodes", KEY_NODES, NULL, 0, "With --step: once, node by node, by the device's clock", 1},
    {"work", KEY_WORK, "CASE", 0,
     "Time this alone: a step's name, or a case as \"matmul; M=64 N=64 K=64; MxK KxN; trans_a=1\"",
     2},
    {"part", KEY_PART, "NAME", 0,
     "Of a case: forward (default), or the gradient of the operand of this name", 2},
    {"paced", KEY_PACED, NULL, 0,
     "With --work: once for each line of standard input, with a line of JSON each time", 2},
    {"peaks", KEY_PEAKS, NULL, 0, "Measure the device's peaks alone", 2},
    {0}};

static void add_device(options *o, const char *which, const struct argp_state *state)
{
    if (strcmp(which, "all") == 0)
        o->all = true;
    else if (o->n_devices == MAX_DEVICES)
        argp_error(state, "at most %d devices", MAX_DEVICES);
    else
        o->devices[o->n_devices++] = which;
}

static void read_limit(options *o, const char *text, const struct argp_state *state)
{
    char *end;
    o->params.limit_seconds = strtod(text, &end);
    if (*end || !(o->params.limit_seconds > 0))
        argp_error(state, "--limit must be a positive number of seconds");
}

static void check(const options *o, const struct argp_state *state)
{
    const int alone = (o->step != NULL) + (o->work.work != NULL) + o->peaks;
    if (o->all && o->n_devices)
        argp_error(state, "--device all goes with no other --device");
    if (o->nodes && !o->step)
        argp_error(state, "--nodes needs --step");
    if ((o->work.part || o->work.paced) && !o->work.work)
        argp_error(state, "--part and --paced need --work");
    if (alone > 1)
        argp_error(state, "one of --step, --work and --peaks");
    if (alone && (o->output || o->params.suite || o->all || o->n_devices > 1))
        argp_error(state, "--step, --work and --peaks go with neither --output, --suite nor "
                          "several devices");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_DEVICE:
        add_device(o, argument, state);
        return 0;
    case KEY_STEP:
        o->step = argument;
        return 0;
    case KEY_SUITE:
        o->params.suite = argument;
        return 0;
    case KEY_ONLY:
        o->params.only = argument;
        return 0;
    case KEY_SAMPLES:
        o->params.samples = cli_count(argument, "--samples", 100000, state);
        return 0;
    case KEY_LIMIT:
        read_limit(o, argument, state);
        return 0;
    case KEY_NODES:
        o->nodes = true;
        return 0;
    case KEY_WORK:
        o->work.work = argument;
        return 0;
    case KEY_PART:
        o->work.part = argument;
        return 0;
    case KEY_PACED:
        o->work.paced = true;
        return 0;
    case KEY_PEAKS:
        o->peaks = true;
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    case ARGP_KEY_END:
        check(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- One step --------------------------------------------------------------------------------

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void print_node(void *user, const venn_node_time *t)
{
    (void)user;
    printf("  %9.1f us  %-16s %-22s %s\n", t->us, t->phase, t->op, t->name);
}

static void print_step(const options *o, double *us, double *host_us, uint32_t n,
                       const venn_program_info *info)
{
    json_t *samples = json_array();
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(samples, json_real(us[i]));
    qsort(us, n, sizeof *us, ascending);
    qsort(host_us, n, sizeof *host_us, ascending);
    const double median = us[n / 2], host = host_us[n / 2];
    json_t *rows = json_pack(
        "[{s:s, s:f, s:f, s:o, s:i, s:i, s:i, s:i, s:f, s:f}]", "step", o->step, "median_us",
        median, "host_cpu_us", host, "samples_us", samples, "dispatches", (int)info->dispatches,
        "fused", (int)info->fused, "barriers", (int)info->barriers, "submissions",
        (int)info->submissions, "flops", info->flops, "compile_us", info->compile_us);
    if (o->common.json) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        printf("\n");
    } else
        printf("%-8s %10.3f ms a step (median of %u), %.1f GFLOP/s, %u dispatches (%u nodes "
               "in others' kernels) in %u submission, %.0f us of host CPU, compiled in %.0f ms\n",
               o->step, median * 1e-3, n, info->flops / median * 1e-3, info->dispatches,
               info->fused, info->submissions, host, info->compile_us * 1e-3);
    json_decref(rows);
}

static venn_status time_step(const options *o)
{
    const uint32_t n = o->params.samples ? o->params.samples : 30;
    venn_device *device = NULL;
    venn_program_info info;
    venn_status status =
        cli_open_device(&(cli_common){.device = o->n_devices ? o->devices[0] : NULL}, &device);
    if (status == VENN_OK && o->nodes)
        status = venn_bench_step_nodes(device, o->step, print_node, NULL);
    else if (status == VENN_OK) {
        double *us = calloc(2 * (size_t)n, sizeof *us);
        status = us ? venn_bench_step(device, o->step, 5, n, us, us + n, &info) : VENN_NO_MEMORY;
        if (status == VENN_OK)
            print_step(o, us, us + n, n, &info);
        free(us);
    }
    venn_device_destroy(&device);
    return status;
}

// ---- The suite -------------------------------------------------------------------------------

static void print_line(void *user, const char *line)
{
    const options *o = user;
    if (o->common.verbose >= 0)
        fprintf(o->common.json ? stderr : stdout, "%s\n", line);
}

static int write_result(const options *o, const char *json)
{
    if (o->common.json)
        puts(json);
    if (!o->output)
        return EXIT_OK;
    const int code = cli_write(o->output, json);
    if (code == EXIT_OK && !o->common.json)
        printf("written: %s; venn compare %s shows it\n", o->output, o->output);
    return code;
}

static int measure(options *o)
{
    char *json;
    const char *first = NULL; // VENN_DEVICE, else the first usable
    o->params.say = print_line;
    o->params.user = o;
    const bool chosen = o->n_devices > 0;
    const venn_status status = venn_bench_measure(o->all   ? NULL
                                                  : chosen ? o->devices
                                                           : &first,
                                                  o->all   ? 0
                                                  : chosen ? o->n_devices
                                                           : 1,
                                                  &o->params, &json);
    if (status < 0)
        return cli_fail(status);
    const int code = write_result(o, json);
    free(json);
    return code;
}

int cmd_bench(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_messages_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        bench_options,
        parse,
        NULL,
        "Measure devices: peaks, kernels and training steps, each checked before it is timed.",
        children,
        NULL,
        NULL};
    options o = {0};
    cli_parse(&argp, argc, argv, &o, &o.common);
    o.work.device = o.n_devices ? o.devices[0] : NULL;
    o.work.samples = o.params.samples ? o.params.samples : 10;
    o.work.json = o.common.json;
    if (o.work.work)
        return cli_bench_work(&o.work);
    if (o.peaks)
        return cli_bench_peaks(&o.work);
    if (!o.step)
        return measure(&o);
    const venn_status status = time_step(&o);
    return status < 0 ? cli_fail(status) : EXIT_OK;
}

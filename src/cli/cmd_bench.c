// venn bench: times the standard training steps on a device.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "venn/bench.h"

typedef struct options {
    cli_common common;
    const char *step;
    uint32_t samples;
    bool nodes;
} options;

enum { KEY_STEP = 0x500, KEY_SAMPLES, KEY_NODES };

static const struct argp_option bench_options[] = {
    {"step", KEY_STEP, "NAME", 0, "Only this step: lenet or mlp", 0},
    {"samples", KEY_SAMPLES, "N", 0, "Timed steps (default 30)", 0},
    {"nodes", KEY_NODES, NULL, 0, "Time on the device, node by node", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_STEP:
        o->step = argument;
        return 0;
    case KEY_SAMPLES:
        o->samples = (uint32_t)strtoul(argument, NULL, 10);
        if (o->samples < 1 || o->samples > 100000)
            argp_error(state, "--samples must be from 1 to 100000");
        return 0;
    case KEY_NODES:
        o->nodes = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void print_node(void *user, const venn_node_time *t)
{
    (void)user;
    printf("  %9.1f us  %-16s %-22s %s\n", t->us, t->phase, t->op, t->name);
}

static json_t *describe(const char *name, double *us, uint32_t n, const venn_program_info *info)
{
    json_t *samples = json_array();
    for (uint32_t i = 0; i < n; i++)
        json_array_append_new(samples, json_real(us[i]));
    qsort(us, n, sizeof *us, compare);
    return json_pack("{s:s, s:f, s:o, s:i, s:i, s:i, s:f}", "step", name, "median_us", us[n / 2],
                     "samples_us", samples, "dispatches", (int)info->dispatches, "barriers",
                     (int)info->barriers, "submissions", (int)info->submissions, "flops",
                     info->flops);
}

static venn_status run_step(const options *o, venn_device *device, const char *name, json_t *rows)
{
    if (o->nodes) {
        printf("%s\n", name);
        return venn_bench_step_nodes(device, name, print_node, NULL);
    }
    double *us = calloc(o->samples, sizeof *us);
    venn_program_info info;
    venn_status status =
        us ? venn_bench_step(device, name, 5, o->samples, us, &info) : VENN_NO_MEMORY;
    if (status == VENN_OK) {
        json_t *row = describe(name, us, o->samples, &info);
        if (!o->common.json)
            printf("%-8s %10.3f ms a step (median of %u), %.1f GFLOP/s, %u dispatches in %u "
                   "submission\n",
                   name, us[o->samples / 2] * 1e-3, o->samples,
                   info.flops / us[o->samples / 2] * 1e-3, info.dispatches, info.submissions);
        json_array_append_new(rows, row);
    }
    free(us);
    return status;
}

int cmd_bench(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        bench_options,
        parse,
        NULL,
        "Time one distilling training step of a LeNet and of an MLP, batch 64, Adam.",
        children,
        NULL,
        NULL};
    options o = {.samples = 30};
    cli_parse(&argp, argc, argv, &o, &o.common);
    venn_device *device = NULL;
    venn_status status = cli_open_device(&o.common, &device);
    json_t *rows = json_array();
    if (o.step && status == VENN_OK)
        status = run_step(&o, device, o.step, rows);
    for (size_t i = 0; !o.step && status == VENN_OK && venn_bench_step_name(i); i++)
        status = run_step(&o, device, venn_bench_step_name(i), rows);
    int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (o.common.json && status == VENN_OK) {
        json_dumpf(rows, stdout, JSON_INDENT(2));
        printf("\n");
    }
    json_decref(rows);
    venn_device_destroy(&device);
    return code;
}

// venn tune: measures what kernels leave open on a device, and keeps it.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

typedef struct options {
    cli_common common;
    venn_tune_params params;
    json_t *rows;
} options;

enum { KEY_ONLY = 0x600, KEY_WORK, KEY_PART, KEY_LIMIT };

static const struct argp_option tune_options[] = {
    {"only", KEY_ONLY, "NAME", 0, "Only this: gemm, elementwise", 0},
    {"work", KEY_WORK, "CASE", 0,
     "Tune for this instead of the standard works: \"matmul; M=64 N=64 K=64; MxK KxN; trans_a=1\"",
     0},
    {"part", KEY_PART, "NAME", 0,
     "Of the case: forward (default), or the gradient of the operand of this name", 0},
    {"limit", KEY_LIMIT, "SECONDS", 0, "For each class of problems (default 20)", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    char *end;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_ONLY:
        o->params.only = argument;
        return 0;
    case KEY_WORK:
        o->params.work = argument;
        return 0;
    case KEY_PART:
        o->params.part = argument;
        return 0;
    case KEY_LIMIT:
        o->params.limit_seconds = strtod(argument, &end);
        if (*end || !(o->params.limit_seconds > 0))
            argp_error(state, "--limit must be a positive number of seconds");
        return 0;
    case ARGP_KEY_END:
        if (o->params.part && !o->params.work)
            argp_error(state, "--part needs --work");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_row(void *user, const venn_tune_row *r)
{
    const options *o = user;
    if (o->rows)
        json_array_append_new(o->rows,
                              json_pack("{s:s, s:s, s:s, s:f, s:f, s:b}", "tunable", r->tunable,
                                        "class", r->what, "choice", r->choice, "us", r->us,
                                        "rule_us", r->rule_us, "changed", r->changed));
    else
        printf("%-12s %-30s %10.3f ms by rule %10.3f ms tuned %6.2fx  %s\n", r->tunable, r->what,
               r->rule_us * 1e-3, r->us * 1e-3, r->rule_us / r->us,
               r->changed ? r->choice : "the rule's choice is the best");
    fflush(stdout);
}

static void print_result(const options *o, const venn_tune_result *r)
{
    if (o->rows) {
        json_t *all =
            json_pack("{s:O, s:f, s:s}", "rows", o->rows, "worst", r->worst, "path", r->path);
        json_dumpf(all, stdout, JSON_INDENT(2));
        printf("\n");
        json_decref(all);
        return;
    }
    printf("%zu classes, %zu changed; by rule, as on first use, kernels reach at least %.0f %% of "
           "their tuned speed%s\n",
           r->classes, r->changed, 100 * r->worst,
           r->worst < 0.5 ? ": LESS THAN HALF, a rule is wrong" : "");
    if (*r->path)
        printf("kept in %s\n", r->path);
    else
        printf("VENN_WISDOM=none: nothing is kept\n");
}

int cmd_tune(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        tune_options,
        parse,
        NULL,
        "Measure which tiles, steps and workgroups suit the device, and keep them for all later "
        "runs. Results stay the same to the bit.",
        children,
        NULL,
        NULL};
    options o = {.params = {.row = print_row}};
    venn_device *device = NULL;
    venn_tune_result result;
    cli_parse(&argp, argc, argv, &o, &o.common);
    o.params.user = &o;
    o.rows = o.common.json ? json_array() : NULL;
    venn_status status = cli_open_device(&o.common, &device);
    if (status == VENN_OK)
        status = venn_tune(device, &o.params, &result);
    const int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (status == VENN_OK)
        print_result(&o, &result);
    venn_device_destroy(&device);
    json_decref(o.rows);
    return code;
}

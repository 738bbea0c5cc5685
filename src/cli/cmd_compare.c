// venn compare: result files of venn bench side by side, and against a baseline.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "venn/bench.h"

enum { MAX_FILES = 64 };

typedef struct options {
    cli_common common;
    const char *files[MAX_FILES];
    size_t n_files;
    const char *output, *baseline;
    bool csv;
    double slowdown;
} options;

enum { KEY_MARKDOWN = 0x700, KEY_CSV, KEY_GATE, KEY_SLOWDOWN };

static const struct argp_option compare_options[] = {
    {"output", 'o', "FILE", 0, "Write the page, self-contained HTML", 0},
    {"md", KEY_MARKDOWN, NULL, 0, "Print a Markdown table (the default without -o)", 0},
    {"csv", KEY_CSV, NULL, 0, "Print every row of every device as CSV", 0},
    {"gate", KEY_GATE, "BASELINE", 0,
     "Fail, saying why, where the file is wrong or slower than this result file", 1},
    {"slowdown", KEY_SLOWDOWN, "TIMES", 0,
     "With --gate: how much slower, beyond the intervals, is still accepted (default 1.1)", 1},
    {0}};

static void read_slowdown(options *o, const char *text, const struct argp_state *state)
{
    char *end;
    o->slowdown = strtod(text, &end);
    if (*end || !(o->slowdown >= 1))
        argp_error(state, "--slowdown must be 1 or more");
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case ARGP_KEY_ARG:
        if (o->n_files == MAX_FILES)
            argp_error(state, "at most %d files", MAX_FILES);
        o->files[o->n_files++] = argument;
        return 0;
    case KEY_MARKDOWN:
        return 0;
    case KEY_CSV:
        o->csv = true;
        return 0;
    case KEY_GATE:
        o->baseline = argument;
        return 0;
    case KEY_SLOWDOWN:
        read_slowdown(o, argument, state);
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    case ARGP_KEY_END:
        if (o->n_files == 0)
            argp_error(state, "which files? `venn bench -o FILE` writes one");
        if (o->baseline && o->n_files != 1)
            argp_error(state, "--gate takes one file beside the baseline");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_line(void *user, const char *line)
{
    (void)user;
    puts(line);
}

static int run_gate(const options *o)
{
    size_t worse;
    const venn_status status =
        venn_bench_gate(o->baseline, o->files[0], o->slowdown, print_line, NULL, &worse);
    if (status < 0)
        return cli_fail(status);
    if (worse == 0)
        printf("nothing got worse\n");
    return worse ? EXIT_FAILED : EXIT_OK;
}

static int write_page(const options *o, const char *text)
{
    const int code = cli_write(o->output, text);
    if (code == EXIT_OK)
        printf("written: %s\n", o->output);
    return code;
}

int cmd_compare(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_messages_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        compare_options,
        parse,
        "FILE...",
        "Put the devices of result files of `venn bench -o` side by side.",
        children,
        NULL,
        NULL};
    options o = {.slowdown = 1.1};
    char *text;
    cli_parse(&argp, argc, argv, &o, &o.common);
    if (o.baseline)
        return run_gate(&o);
    const venn_status status = venn_bench_compare(o.files, o.n_files,
                                                  o.output ? VENN_COMPARE_PAGE
                                                  : o.csv  ? VENN_COMPARE_CSV
                                                           : VENN_COMPARE_MARKDOWN,
                                                  &text);
    if (status < 0)
        return cli_fail(status);
    const int code = o.output ? write_page(&o, text) : (fputs(text, stdout), EXIT_OK);
    free(text);
    return code;
}

// venn eval: weights on a split.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "venn/distill.h"

typedef struct options {
    cli_common common;
    const char *config, *weights, *role, *split;
} options;

enum { KEY_ROLE = 0x300, KEY_SPLIT };

static const struct argp_option eval_options[] = {
    {"role", KEY_ROLE, "ROLE", 0, "Which network: student (default) or teacher", 0},
    {"split", KEY_SPLIT, "SPLIT", 0, "train, valid or test (default)", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_ROLE:
        o->role = argument;
        return 0;
    case KEY_SPLIT:
        o->split = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (state->arg_num > 1)
            argp_error(state, "two arguments are expected, CONFIG and WEIGHTS, not also \"%s\"",
                       argument);
        *(state->arg_num ? &o->weights : &o->config) = argument;
        return 0;
    case ARGP_KEY_END:
        if (!o->weights)
            argp_error(state, "a config and a file of weights are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void print_json(const options *o, const venn_evaluation *e, const int64_t *confusion,
                       size_t n)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *row = json_array();
        for (size_t k = 0; k < n; k++)
            json_array_append_new(row, json_integer((json_int_t)confusion[i * n + k]));
        json_array_append_new(rows, row);
    }
    json_t *object = json_pack("{s:s, s:s, s:f, s:f, s:I, s:o}", "weights", o->weights, "split",
                               o->split, venn_score_name(e->score), e->accuracy, "loss", e->loss,
                               "n", (json_int_t)e->n, "confusion", rows);
    json_dumpf(object, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(object);
}

static void print_text(const venn_evaluation *e, const int64_t *confusion, size_t n)
{
    printf("%s %.2f %%, cross-entropy %.4f, %lld samples\n", venn_score_name(e->score),
           100 * e->accuracy, e->loss, (long long)e->n);
    if (n == 0 || n > 30)
        return;
    printf("\nlabel \\ prediction\n");
    for (size_t i = 0; i < n; i++) {
        printf("%4zu", i);
        for (size_t k = 0; k < n; k++)
            printf(" %5lld", (long long)confusion[i * n + k]);
        printf("\n");
    }
}

int cmd_eval(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {eval_options,
                              parse,
                              "CONFIG WEIGHTS",
                              "Evaluate a safetensors file of a config's network on a split.",
                              children,
                              NULL,
                              NULL};
    options o = {.role = "student", .split = "test"};
    cli_parse(&argp, argc, argv, &o, &o.common);
    venn_distill_config *config = NULL;
    venn_device *device = NULL;
    venn_evaluation result;
    int64_t *confusion = NULL;
    size_t n = 0;
    venn_status status = venn_distill_config_load(&config, o.config);
    if (status == VENN_OK)
        status = cli_open_device(&o.common, &device);
    if (status == VENN_OK)
        status = venn_distill_evaluate(device, config, o.role, o.weights, o.split, &result,
                                       &confusion, &n);
    int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (status == VENN_OK && o.common.json)
        print_json(&o, &result, confusion, n);
    else if (status == VENN_OK)
        print_text(&result, confusion, n);
    free(confusion);
    venn_device_destroy(&device);
    venn_distill_config_destroy(&config);
    return code;
}

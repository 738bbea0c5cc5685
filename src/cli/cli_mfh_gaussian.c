// venn mfh gaussian and avd: the experiments on data that are computed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_mfh.h"
#include "venn/mfh.h"

typedef struct options {
    cli_common common;
    venn_mfh_gaussian_params p;
    const char *output;
    bool avd;
    venn_mfh_network network;
    uint32_t epochs;
} options;

enum {
    KEY_SWEEP = 0x600,
    KEY_SEEDS,
    KEY_KEY,
    KEY_STEPS,
    KEY_TEST_ROWS,
    KEY_PERMUTATIONS,
    KEY_BATCHMEAN,
    KEY_AS_PUBLISHED,
    KEY_NETWORK,
    KEY_EPOCHS
};

#define DRAW_OPTIONS(seeds, rows)                                                                  \
    {"seeds", KEY_SEEDS, "N", 0, "Draws of data and models (default " seeds ")", 0},               \
        {"key", KEY_KEY, "N", 0, "Key of the random generator (default 0)", 0},                    \
        {"test-rows", KEY_TEST_ROWS, "N", 0, "Test rows of every draw (default " rows ")", 0},     \
    {                                                                                              \
        "out", 'o', "FILE", 0, "Save the result, for `venn mfh report`", 0                         \
    }

static const struct argp_option gaussian_options[] = {
    {"sweep", KEY_SWEEP, "NAME", 0, "gamma (default), alpha or table2", 0},
    DRAW_OPTIONS("30", "1000"),
    {"steps", KEY_STEPS, "N", 0, "Training steps of every model (default 1000)", 0},
    {"permutations", KEY_PERMUTATIONS, "N", 0,
     "table2: permutations of every channel (default 100)", 0},
    {"batchmean", KEY_BATCHMEAN, NULL, 0,
     "Sum the KL term over classes: twice the published weight", 0},
    {"as-published", KEY_AS_PUBLISHED, NULL, 0,
     "table2: as the released script does it, oddities included", 0},
    {0}};

static const struct argp_option avd_options[] = {
    DRAW_OPTIONS("12", "4000"),
    {"network", KEY_NETWORK, "KIND", 0, "mlp (default) or cnn", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "Of every training (default 60)", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case KEY_SWEEP:
        if (venn_mfh_sweep_parse(argument, &o->p.sweep) < 0)
            argp_error(state, "--sweep: %s", venn_error_message());
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    case KEY_SEEDS:
        o->p.seeds = cli_count(argument, "--seeds", 10000000, state);
        return 0;
    case KEY_KEY:
        o->p.key = cli_count(argument, "--key", 10000000, state);
        return 0;
    case KEY_STEPS:
        o->p.steps = cli_count(argument, "--steps", 10000000, state);
        return 0;
    case KEY_TEST_ROWS:
        o->p.test_rows = cli_count(argument, "--test-rows", 10000000, state);
        return 0;
    case KEY_PERMUTATIONS:
        o->p.permutations = cli_count(argument, "--permutations", 10000000, state);
        return 0;
    case KEY_NETWORK:
        if (strcmp(argument, "mlp") != 0 && strcmp(argument, "cnn") != 0)
            argp_error(state, "--network: mlp or cnn, not \"%s\"", argument);
        o->network = argument[0] == 'c' ? VENN_MFH_CNN : VENN_MFH_MLP;
        return 0;
    case KEY_EPOCHS:
        o->epochs = cli_count(argument, "--epochs", 10000000, state);
        return 0;
    case KEY_BATCHMEAN:
        o->p.batchmean = true;
        return 0;
    case KEY_AS_PUBLISHED:
        o->p.as_published = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "\"%s\": only options are expected", argument);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static bool show_progress(void *user, const char *stage, uint32_t done, uint32_t total)
{
    const options *o = user;
    if (o->common.verbose > 0)
        fprintf(stderr, "%s: step %u of %u\n", stage, done, total);
    return true;
}

// "71.40", or a dash for what was not published.
static const char *published(double percent, char text[16])
{
    if (isnan(percent))
        return "-";
    snprintf(text, 16, "%.2f", percent);
    return text;
}

static void print_point(const venn_mfh_point *p)
{
    char text[16];
    printf("\nalpha %.3f, beta %.3f, gamma %.3f\n", venn_diagram_alpha(&p->diagram),
           venn_diagram_beta(&p->diagram), venn_diagram_gamma(&p->diagram));
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        if (!isnan(p->accuracy[m].mean))
            printf("  %-18s %6.2f +- %4.2f %9s\n", venn_mfh_model_name((venn_mfh_model)m),
                   p->accuracy[m].mean, p->accuracy[m].error, published(p->paper[m], text));
    printf("  %-18s %+6.2f +- %4.2f %9s\n", "gain", p->gain.mean, p->gain.error,
           published(p->paper[VENN_MFH_DISTILLED] - p->paper[VENN_MFH_STUDENT], text));
    if (!isnan(p->hits.mean))
        printf("  %-18s %6.2f +- %4.2f\n", "shared found", p->hits.mean, p->hits.error);
}

static void print_table(const venn_mfh_result *r)
{
    printf("%s sweep, %u seeds; accuracy in %%: mean +- standard error, as published\n",
           venn_mfh_sweep_name(r->params.sweep), r->params.seeds);
    for (size_t i = 0; i < r->n; i++)
        print_point(&r->point[i]);
    printf("\n%.1f s\n", r->seconds);
}

static venn_status run_avd(options *o, venn_device *device, venn_mfh_result *result)
{
    const venn_mfh_avd_params params = {.network = o->network,
                                        .seeds = o->p.seeds,
                                        .key = o->p.key,
                                        .epochs = o->epochs,
                                        .test_rows = o->p.test_rows};
    return venn_mfh_avd(device, &params, result, show_progress, o);
}

// What made the result, for the report: what is not the default.
static void describe_command(const options *o, const venn_mfh_result *r, char *text, size_t size)
{
    int used =
        snprintf(text, size, "venn mfh %s%s --seeds %u", o->avd ? "avd" : "gaussian --sweep ",
                 o->avd ? "" : venn_mfh_sweep_name(r->params.sweep), r->params.seeds);
    if (o->avd && o->network == VENN_MFH_CNN)
        used += snprintf(text + used, size - (size_t)used, " --network cnn");
    if (o->epochs)
        used += snprintf(text + used, size - (size_t)used, " --epochs %u", o->epochs);
    if (o->p.steps)
        used += snprintf(text + used, size - (size_t)used, " --steps %u", o->p.steps);
    if (o->p.test_rows)
        used += snprintf(text + used, size - (size_t)used, " --test-rows %u", o->p.test_rows);
    if (o->p.permutations)
        used += snprintf(text + used, size - (size_t)used, " --permutations %u", o->p.permutations);
    if (o->p.key)
        used +=
            snprintf(text + used, size - (size_t)used, " --key %llu", (unsigned long long)o->p.key);
    snprintf(text + used, size - (size_t)used, "%s%s", o->p.batchmean ? " --batchmean" : "",
             o->p.as_published ? " --as-published" : "");
}

static int run(options *o)
{
    venn_mfh_result result;
    venn_device *device = NULL;
    char command[512], *text = NULL;
    venn_status status = cli_open_device(&o->common, &device);
    if (status == VENN_OK)
        status = o->avd ? run_avd(o, device, &result)
                        : venn_mfh_gaussian(device, &o->p, &result, show_progress, o);
    venn_device_destroy(&device);
    if (status == VENN_OK) {
        describe_command(o, &result, command, sizeof command);
        status = venn_mfh_sweep_text(&result, command, &text);
    }
    if (status != VENN_OK)
        return cli_fail(status);
    if (!o->common.json)
        print_table(&result);
    const int code = cli_mfh_put(text, &o->common, o->output);
    free(text);
    return code;
}

int cli_mfh_gaussian(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {gaussian_options,
                              parse,
                              NULL,
                              "Run a sweep of the Modality Focusing Hypothesis on Gaussian data: "
                              "what distilling gains as more is shared (gamma), as the teacher "
                              "knows more of its own (alpha), by teachers that keep what is "
                              "shared (table2).",
                              children,
                              NULL,
                              NULL};
    options o = {.avd = false};
    cli_parse(&argp, argc, argv, &o, &o.common);
    return run(&o);
}

int cli_mfh_avd(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {avd_options,
                              parse,
                              NULL,
                              "Run the gamma sweep with networks, on computed pictures and sound "
                              "pictures.",
                              children,
                              NULL,
                              NULL};
    options o = {.avd = true};
    cli_parse(&argp, argc, argv, &o, &o.common);
    return run(&o);
}

// venn mfh: the experiments of the Modality Focusing Hypothesis.
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_mfh.h"
#include "venn/mfh.h"

typedef struct options {
    cli_common common;
    venn_mfh_gaussian_params p;
    const char *what, *output;
    bool all; // no sweep was named
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

// What there is to run; the first word of the command line.
static const char *const subjects[] = {"gaussian", "avd", "report", NULL};

static const struct argp_option mfh_options[] = {
    {"sweep", KEY_SWEEP, "NAME", 0,
     "gamma, alpha or table2 (default: gamma; of a report: all three)", 0},
    {"output", 'o', "FILE", 0, "report: the page to write (default mfh.html)", 0},
    {"seeds", KEY_SEEDS, "N", 0, "Draws of data and models (default 30; avd: 12)", 0},
    {"key", KEY_KEY, "N", 0, "Key of the random generator (default 0)", 0},
    {"steps", KEY_STEPS, "N", 0, "Training steps of every model (default 1000)", 0},
    {"test-rows", KEY_TEST_ROWS, "N", 0, "Test rows of every draw (default 1000; avd: 4000)", 0},
    {"permutations", KEY_PERMUTATIONS, "N", 0,
     "table2: permutations of every channel (default 100)", 0},
    {"batchmean", KEY_BATCHMEAN, NULL, 0,
     "Sum the KL term over classes: twice the published weight", 0},
    {"as-published", KEY_AS_PUBLISHED, NULL, 0,
     "table2: as the released script does it, oddities included", 0},
    {"network", KEY_NETWORK, "KIND", 0, "avd: mlp (default) or cnn", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "avd: of every training (default 60)", 0},
    {0}};

static uint32_t number(const char *argument, const char *option, struct argp_state *state)
{
    char *end;
    const unsigned long value = strtoul(argument, &end, 10);
    if (*end || end == argument || value < 1 || value > 10000000)
        argp_error(state, "%s must be a whole number from 1 on, not \"%s\"", option, argument);
    return (uint32_t)value;
}

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
        o->all = false;
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    case KEY_SEEDS:
        o->p.seeds = number(argument, "--seeds", state);
        return 0;
    case KEY_KEY:
        o->p.key = number(argument, "--key", state);
        return 0;
    case KEY_STEPS:
        o->p.steps = number(argument, "--steps", state);
        return 0;
    case KEY_TEST_ROWS:
        o->p.test_rows = number(argument, "--test-rows", state);
        return 0;
    case KEY_PERMUTATIONS:
        o->p.permutations = number(argument, "--permutations", state);
        return 0;
    case KEY_NETWORK:
        if (strcmp(argument, "mlp") != 0 && strcmp(argument, "cnn") != 0)
            argp_error(state, "--network: mlp or cnn, not \"%s\"", argument);
        o->network = argument[0] == 'c' ? VENN_MFH_CNN : VENN_MFH_MLP;
        return 0;
    case KEY_EPOCHS:
        o->epochs = number(argument, "--epochs", state);
        return 0;
    case KEY_BATCHMEAN:
        o->p.batchmean = true;
        return 0;
    case KEY_AS_PUBLISHED:
        o->p.as_published = true;
        return 0;
    case ARGP_KEY_ARG:
        for (int i = 0; subjects[i] && !o->what; i++)
            o->what = strcmp(argument, subjects[i]) == 0 ? subjects[i] : NULL;
        if (!o->what || state->arg_num > 0)
            argp_error(state, "\"%s\": say gaussian, avd, report or rank, once", argument);
        return 0;
    case ARGP_KEY_END:
        if (!o->what)
            argp_error(state, "say what to run: gaussian, avd, report or rank");
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

static json_t *json_stat(const venn_mfh_stat *stat, double paper)
{
    json_t *value =
        json_pack("{s:f, s:f, s:f}", "mean", stat->mean, "std", stat->std, "error", stat->error);
    if (!isnan(paper))
        json_object_set_new(value, "published", json_real(paper));
    return value;
}

static json_t *json_point(const venn_mfh_point *p)
{
    json_t *accuracy = json_object();
    for (int m = 0; m < VENN_MFH_MODELS; m++)
        if (!isnan(p->accuracy[m].mean))
            json_object_set_new(accuracy, venn_mfh_model_name((venn_mfh_model)m),
                                json_stat(&p->accuracy[m], p->paper[m]));
    json_t *point =
        json_pack("{s:f, s:f, s:f, s:o, s:o}", "alpha", venn_diagram_alpha(&p->diagram), "beta",
                  venn_diagram_beta(&p->diagram), "gamma", venn_diagram_gamma(&p->diagram),
                  "accuracy", accuracy, "gain", json_stat(&p->gain, NAN));
    if (!isnan(p->hits.mean))
        json_object_set_new(point, "shared_found", json_stat(&p->hits, NAN));
    return point;
}

static void print_json(const venn_mfh_result *r)
{
    json_t *points = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(points, json_point(&r->point[i]));
    json_t *root =
        json_pack("{s:s, s:i, s:i, s:i, s:i, s:f, s:o}", "sweep",
                  venn_mfh_sweep_name(r->params.sweep), "seeds", (int)r->params.seeds, "steps",
                  (int)r->params.steps, "train_rows", (int)r->params.train_rows, "test_rows",
                  (int)r->params.test_rows, "seconds", r->seconds, "points", points);
    json_dumpf(root, stdout, JSON_INDENT(2));
    printf("\n");
    json_decref(root);
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

static venn_status run_one(options *o, venn_device *device)
{
    venn_mfh_result result;
    const venn_status status = strcmp(o->what, "avd") == 0
                                   ? run_avd(o, device, &result)
                                   : venn_mfh_gaussian(device, &o->p, &result, show_progress, o);
    if (status == VENN_OK && o->common.json)
        print_json(&result);
    else if (status == VENN_OK)
        print_table(&result);
    return status;
}

static venn_status run_report(options *o, venn_device *device)
{
    venn_mfh_result results[4];
    size_t n = 0;
    const char *path = o->output ? o->output : "mfh.html";
    venn_status status = VENN_OK;
    for (int sweep = 0; sweep < 3 && status == VENN_OK; sweep++) {
        venn_mfh_gaussian_params params = o->p;
        if (!o->all && sweep != (int)o->p.sweep)
            continue;
        params.sweep = (venn_mfh_sweep)sweep;
        status = venn_mfh_gaussian(device, &params, &results[n++], show_progress, o);
    }
    if (status == VENN_OK && o->all)
        status = run_avd(o, device, &results[n++]);
    if (status == VENN_OK)
        status = venn_mfh_report_write(path, results, n, venn_device_get_info(device)->name);
    if (status == VENN_OK)
        printf("%s\n", path);
    return status;
}

int cmd_mfh(int argc, char **argv)
{
    static char rank_title[] = "venn mfh rank";
    if (argc > 1 && strcmp(argv[1], "rank") == 0) {
        argv[1] = rank_title;
        return cli_mfh_rank(argc - 1, argv + 1);
    }
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        mfh_options,
        parse,
        "gaussian|avd|report|rank",
        "Run the experiments of the Modality Focusing Hypothesis.\v"
        "`venn mfh rank --help` tells of ranking the features of a config's networks.",
        children,
        NULL,
        NULL};
    options o = {.all = true};
    cli_parse(&argp, argc, argv, &o, &o.common);
    venn_device *device = NULL;
    venn_status status = cli_open_device(&o.common, &device);
    if (status == VENN_OK)
        status = strcmp(o.what, "report") == 0 ? run_report(&o, device) : run_one(&o, device);
    venn_device_destroy(&device);
    return status < 0 ? cli_fail(status) : EXIT_OK;
}

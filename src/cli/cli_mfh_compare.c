// venn mfh features, teachers and diagram: what config's networks show of the hypothesis.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_mfh.h"
#include "cli_progress.h"
#include "venn/mfh.h"

enum { MAX_CONFIGS = 16, MAX_RATIOS = 16 };

typedef struct options {
    cli_common common;
    const char *configs[MAX_CONFIGS], *output, *rankings;
    size_t n_configs, n_ratios;
    double ratios[MAX_RATIOS];
    venn_removal how;
    uint32_t seeds, epochs;
    bool one; // config only
} options;

enum { KEY_SEEDS = 0x660, KEY_EPOCHS, KEY_RATIOS, KEY_SEMANTICS, KEY_RANKINGS };

#define RUN_OPTIONS                                                                                \
    {"out", 'o', "FILE", 0, "Save the result, for `venn mfh report`", 0},                          \
        {"epochs", KEY_EPOCHS, "N", 0, "Train for N epochs instead of the config's", 0},           \
    {                                                                                              \
        "seeds", KEY_SEEDS, "N", 0, "Repeat over N seeds instead of the config's", 0               \
    }

static const struct argp_option diagram_options[] = {
    {"out", 'o', "FILE", 0, "Save the result, for `venn mfh report`", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "Train for N epochs instead of the config's", 0},
    {0}};
static const struct argp_option teachers_options[] = {RUN_OPTIONS, {0}};
static const struct argp_option features_options[] = {
    RUN_OPTIONS,
    {"ratios", KEY_RATIOS, "R,R,..", 0, "Shares taken out (default 0.25,0.5,0.75)", 0},
    {"semantics", KEY_SEMANTICS, "KIND", 0,
     "What stands in their place: mean (default, over the batch) or zero", 0},
    {"rankings", KEY_RANKINGS, "DIR", 0,
     "Folder of the rankings; those there are used (default: runs/NAME-rankings)", 0},
    {0}};

static void parse_ratios(options *o, const char *text, struct argp_state *state)
{
    const char *at = text;
    for (o->n_ratios = 0; o->n_ratios < MAX_RATIOS; at++) {
        char *end;
        const double ratio = strtod(at, &end);
        if (end == at || (*end && *end != ',') || !(ratio > 0 && ratio < 1))
            argp_error(state,
                       "--ratios: shares above 0 and below 1 with commas between, not \"%s\"",
                       text);
        o->ratios[o->n_ratios++] = ratio;
        at = end;
        if (!*end)
            return;
    }
    argp_error(state, "--ratios: at most %d", MAX_RATIOS);
}

static void add_config(options *o, const char *argument, struct argp_state *state)
{
    if (o->n_configs == (o->one ? 1 : MAX_CONFIGS))
        argp_error(state, "\"%s\": one config too many", argument);
    o->configs[o->n_configs++] = argument;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
    options *o = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &o->common;
        return 0;
    case 'o':
        o->output = argument;
        return 0;
    case KEY_SEEDS:
        o->seeds = cli_count(argument, "--seeds", 1000000, state);
        return 0;
    case KEY_EPOCHS:
        o->epochs = cli_count(argument, "--epochs", 1000000, state);
        return 0;
    case KEY_RATIOS:
        parse_ratios(o, argument, state);
        return 0;
    case KEY_SEMANTICS:
        if (strcmp(argument, "mean") != 0 && strcmp(argument, "zero") != 0)
            argp_error(state, "--semantics: mean or zero, not \"%s\"", argument);
        o->how = argument[0] == 'm' ? VENN_REMOVE_MEAN : VENN_REMOVE_ZERO;
        return 0;
    case KEY_RANKINGS:
        o->rankings = argument;
        return 0;
    case ARGP_KEY_ARG:
        add_config(o, argument, state);
        return 0;
    case ARGP_KEY_END:
        if (!o->n_configs)
            argp_error(state, "which config? A YAML file, or the name of an embedded one");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// "venn mfh teachers a b --seeds 3": what was said but for files and the way of printing.
static void describe(const options *o, const char *name, char *text, size_t size)
{
    int used = snprintf(text, size, "venn mfh %s", name);
    for (size_t i = 0; i < o->n_configs && used < (int)size; i++)
        used += snprintf(text + used, size - (size_t)used, " %s", o->configs[i]);
    if (o->seeds && used < (int)size)
        used += snprintf(text + used, size - (size_t)used, " --seeds %u", o->seeds);
    if (o->epochs && used < (int)size)
        used += snprintf(text + used, size - (size_t)used, " --epochs %u", o->epochs);
    if (o->how == VENN_REMOVE_ZERO && used < (int)size)
        used += snprintf(text + used, size - (size_t)used, " --semantics zero");
    for (size_t i = 0; i < o->n_ratios && used < (int)size; i++)
        used += snprintf(text + used, size - (size_t)used, "%s%g", i ? "," : " --ratios ",
                         o->ratios[i]);
}

// ---- Printing --------------------------------------------------------------------------------

static void print_stat(const venn_mfh_stat *s, const char *format)
{
    if (isnan(s->mean))
        printf("%18s", "-");
    else
        printf(format, s->mean, s->error);
}

static void print_comparison(const venn_mfh_comparison *c)
{
    printf("%s, student on %s, %u seeds; accuracy in %%: mean +- standard "
           "error\n\n%-24s%18s%18s%18s\n",
           c->data, c->student, c->seeds, "student taught by", "teacher", "student", "gain");
    for (size_t i = 0; i < c->n; i++) {
        printf("%-24s", c->rows[i].name);
        print_stat(&c->rows[i].teacher, "%10.2f +- %4.2f");
        print_stat(&c->rows[i].student, "%10.2f +- %4.2f");
        if (i)
            print_stat(&c->rows[i].gain, "%+10.2f +- %4.2f");
        printf("\n");
    }
    printf("\n%.1f s\n", c->seconds);
}

static void print_side(const char *role, const venn_mfh_estimate_side *side)
{
    printf("%s: %s (%s), %lld channels of %s", role, side->modality, side->network,
           (long long)side->n, side->place);
    if (!isnan(side->accuracy))
        printf(", test accuracy %.2f %%", 100 * side->accuracy);
    printf("\n");
}

static void print_estimate(const venn_mfh_estimate *e)
{
    print_side("a", &e->a);
    print_side("b", &e->b);
    printf("\n%-24s%8s%8s%8s\n", "estimate", "alpha", "beta", "gamma");
    for (int k = 0; k < VENN_MFH_ESTIMATES; k++)
        printf("%-24s%8.2f%8.2f%8.2f\n", venn_mfh_estimate_name(k),
               venn_diagram_alpha(&e->diagram[k]), venn_diagram_beta(&e->diagram[k]),
               venn_diagram_gamma(&e->diagram[k]));
    printf("\nfrom %lld pairs of %s; %.1f s\n", (long long)e->rows, e->data, e->seconds);
}

// ---- Running ---------------------------------------------------------------------------------

typedef struct job {
    options *o;
    venn_device *device;
    venn_distill_config *configs[MAX_CONFIGS];
    const venn_distill_observer *observer;
    char command[1024];
    char *text; // the result
} job;

// What came of a comparison: the text, the table, and the end of it.
static venn_status take_comparison(job *j, venn_status status, venn_mfh_comparison *c)
{
    if (status == VENN_OK)
        status = venn_mfh_comparison_text(c, j->command, &j->text);
    if (status == VENN_OK && !j->o->common.json)
        print_comparison(c);
    venn_mfh_comparison_finish(c);
    return status;
}

static venn_status run_teachers(job *j)
{
    venn_mfh_comparison c;
    const venn_status status =
        venn_mfh_compare_teachers(j->device, (const venn_distill_config *const *)j->configs,
                                  j->o->n_configs, j->observer, &c);
    return take_comparison(j, status, &c);
}

static venn_status run_features(job *j)
{
    venn_mfh_comparison c;
    char folder[4096];
    if (j->o->rankings)
        snprintf(folder, sizeof folder, "%s", j->o->rankings);
    else
        snprintf(folder, sizeof folder, "runs/%s-rankings",
                 venn_distill_config_name(j->configs[0]));
    const venn_mfh_features_params params = {j->o->ratios, j->o->n_ratios, j->o->how, folder};
    const venn_status status =
        venn_mfh_compare_features(j->device, j->configs[0], &params, j->observer, &c);
    return take_comparison(j, status, &c);
}

static venn_status run_diagram(job *j)
{
    venn_mfh_estimate e;
    venn_status status = venn_mfh_estimate_config(j->device, j->configs[0], j->observer, &e);
    if (status == VENN_OK)
        status = venn_mfh_estimate_text(&e, j->command, &j->text);
    if (status == VENN_OK && !j->o->common.json)
        print_estimate(&e);
    venn_mfh_estimate_finish(&e);
    return status;
}

static venn_status load_configs(job *j)
{
    venn_status status = VENN_OK;
    for (size_t i = 0; i < j->o->n_configs && status == VENN_OK; i++) {
        status = venn_distill_config_load(&j->configs[i], j->o->configs[i]);
        if (status == VENN_OK)
            status = venn_distill_config_set(j->configs[i], j->o->seeds, j->o->epochs, 0);
    }
    return status;
}

static int run(options *o, const char *name, venn_status (*work)(job *j))
{
    job j = {.o = o};
    cli_progress progress;
    describe(o, name, j.command, sizeof j.command);
    venn_status status = load_configs(&j);
    if (status == VENN_OK)
        status = cli_open_device(&o->common, &j.device);
    if (status == VENN_OK) {
        const venn_distill_observer observer = cli_progress_observer(&progress, &o->common);
        j.observer = &observer;
        status = work(&j);
        cli_progress_end(&progress);
    }
    const int code = status < 0 ? cli_fail(status) : cli_mfh_put(j.text, &o->common, o->output);
    for (size_t i = 0; i < o->n_configs; i++)
        venn_distill_config_destroy(&j.configs[i]);
    venn_device_destroy(&j.device);
    free(j.text);
    return code;
}

static int start(int argc, char **argv, const struct argp_option *list, const char *arguments,
                 const char *doc, bool one, venn_status (*work)(job *j))
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {list, parse, arguments, doc, children, NULL, NULL};
    options o = {.one = one};
    const char *name = strrchr(argv[0], ' ') + 1;
    cli_parse(&argp, argc, argv, &o, &o.common);
    return run(&o, name, work);
}

int cli_mfh_features(int argc, char **argv)
{
    return start(argc, argv, features_options, "CONFIG",
                 "Rank the teacher's features anew for every seed (venn mfh rank), then train the "
                 "student alone, with all of them, and without the least general, the most "
                 "general, or random ones.\vThe config's section `ranking` says which layer.",
                 true, run_features);
}

int cli_mfh_teachers(int argc, char **argv)
{
    return start(argc, argv, teachers_options, "CONFIG...",
                 "Train the student of the first config alone, and by each config's method from "
                 "its teacher. The configs should differ in their teachers alone.",
                 false, run_teachers);
}

int cli_mfh_diagram(int argc, char **argv)
{
    return start(argc, argv, diagram_options, "CONFIG",
                 "Train the config's teacher and student, each alone, and estimate from what they "
                 "decide how much of it both modalities know: the modality Venn diagram.\vThe "
                 "config's section `ranking` says which layers are looked at.",
                 true, run_diagram);
}

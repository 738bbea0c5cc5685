// venn mfh rank: Algorithm 1 on a config's two networks.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli_mfh.h"
#include "cli_progress.h"
#include "venn/ranking.h"

typedef struct options {
    cli_common common;
    const char *config, *out;
    uint32_t epochs, permutations;
    bool resume;
} options;

enum { KEY_RESUME = 0x640, KEY_EPOCHS, KEY_PERMUTATIONS };

static const struct argp_option rank_options[] = {
    {"out", 'o', "DIR", 0, "Folder of the ranking (default: runs/NAME-ranking)", 0},
    {"resume", KEY_RESUME, NULL, 0, "Go on with what was begun in that folder", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "Train for N epochs instead of the config's", 0},
    {"permutations", KEY_PERMUTATIONS, "N", 0, "Of every channel, instead of the config's", 0},
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
        o->resume = true;
        return 0;
    case KEY_EPOCHS:
        o->epochs = cli_count(argument, "--epochs", 1000000, state);
        return 0;
    case KEY_PERMUTATIONS:
        o->permutations = cli_count(argument, "--permutations", 1000000, state);
        return 0;
    case ARGP_KEY_ARG:
        if (o->config)
            argp_error(state, "only one config can be ranked, not also \"%s\"", argument);
        o->config = argument;
        return 0;
    case ARGP_KEY_END:
        if (!o->config)
            argp_error(state, "which config? A YAML file, or the name of an embedded one");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- Printing --------------------------------------------------------------------------------

// Ten bins of scores, each with a bar of at most 40 characters.
static void print_histogram(const venn_salience *s)
{
    enum { BINS = 10, BAR = 40 };
    int64_t count[BINS] = {0}, most = 1;
    for (int64_t c = 0; c < s->n; c++) {
        const int bin = (int)(s->score[c] * BINS);
        count[bin < BINS ? bin : BINS - 1]++;
    }
    for (int b = 0; b < BINS; b++)
        most = count[b] > most ? count[b] : most;
    for (int b = 0; b < BINS; b++) {
        printf("  %.1f-%.1f %6lld ", b / 10.0, (b + 1) / 10.0, (long long)count[b]);
        for (int64_t i = 0; i < (count[b] * BAR + most - 1) / most; i++)
            putchar('#');
        putchar('\n');
    }
}

static void print_best(const venn_salience *s)
{
    enum { BEST = 8 };
    bool *told = calloc((size_t)s->n, sizeof *told);
    printf("  highest:");
    for (int i = 0; told && i < BEST && i < s->n; i++) {
        int64_t best = -1;
        for (int64_t c = 0; c < s->n; c++)
            if (!told[c] && (best < 0 || s->score[c] > s->score[best]))
                best = c;
        told[best] = true;
        printf(" %lld (%.2f)", (long long)best, s->score[best]);
    }
    printf("\n");
    free(told);
}

static void print_ranked(const char *role, const venn_ranked *r)
{
    const venn_salience *s = &r->salience;
    printf("%s (%s, %s)", role, r->modality, r->network);
    if (!isnan(r->accuracy))
        printf(": test accuracy %.2f %%", 100 * r->accuracy);
    printf("\n  salience of the %lld channels of %s over %lld pairs, %u permutations each:\n",
           (long long)s->n, s->place, (long long)s->rows, s->permutations);
    print_histogram(s);
    print_best(s);
    printf("\n");
}

static void print_table(const venn_ranking *r, const char *folder)
{
    printf("%s, trained %s, seed %llu\n\n", r->data, r->joint ? "together" : "each alone",
           (unsigned long long)r->seed);
    print_ranked("teacher", &r->teacher);
    print_ranked("student", &r->student);
    printf("%s/ranking.json; %.1f s\n", folder, r->seconds);
}

// ---- Running ---------------------------------------------------------------------------------

static int run(const options *o, const venn_distill_config *config)
{
    char folder[4096];
    venn_device *device = NULL;
    venn_ranking ranking = {0};
    if (o->out)
        snprintf(folder, sizeof folder, "%s", o->out);
    else
        snprintf(folder, sizeof folder, "runs/%s-ranking", venn_distill_config_name(config));
    venn_status status = cli_open_device(&o->common, &device);
    if (status < 0)
        return cli_fail(status);
    cli_progress progress;
    const venn_distill_observer observer = cli_progress_observer(&progress, &o->common);
    status = venn_distill_rank(device, config, folder, o->resume, &observer, &ranking);
    cli_progress_end(&progress);
    venn_device_destroy(&device);
    int code = status < 0 ? cli_fail(status) : EXIT_OK;
    if (status == VENN_CANCELLED || status == VENN_DEVICE_LOST)
        fprintf(stderr, "venn: go on with the same command and --resume\n");
    if (status == VENN_OK && o->common.json)
        code = cli_print_kept(folder, "ranking.json");
    else if (status == VENN_OK)
        print_table(&ranking, folder);
    venn_ranking_finish(&ranking);
    return code;
}

int cli_mfh_rank(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        rank_options,
        parse,
        "CONFIG",
        "Train the config's teacher and student together and rank the channels of a layer of each "
        "by how much of what they say the other modality knows too: Algorithm 1 of the Modality "
        "Focusing Hypothesis.\vThe config's section `ranking` says which layers and how; "
        "teacher.features of `venn distill` takes the folder. docs/config.md lists the keys.",
        children,
        NULL,
        NULL};
    options o = {0};
    cli_parse(&argp, argc, argv, &o, &o.common);
    venn_distill_config *config = NULL;
    venn_status status = venn_distill_config_load(&config, o.config);
    if (status == VENN_OK)
        status = venn_distill_config_set(config, 0, o.epochs, 0);
    if (status == VENN_OK)
        status = venn_distill_config_set_permutations(config, o.permutations);
    const int code = status < 0 ? cli_fail(status) : run(&o, config);
    venn_distill_config_destroy(&config);
    return code;
}

// venn mfh report: one page of results. Without files it has a list of experiments, each a subcommand: those
// whose results are not in the folder yet are run first.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_mfh.h"
#include "venn/mfh.h"

enum { MAX_FILES = 64, MAX_WORDS = 8 };

typedef struct experiment {
    const char *name; // of the result's file
    const char *data; // folder under VENN_DATA; NULL: none is needed
    int (*run)(int argc, char **argv);
    const char *words[MAX_WORDS]; // of the command line, the first being its title
    bool seeds;                   // takes --seeds
} experiment;

static const experiment experiments[] = {
    {"gamma", NULL, cli_mfh_gaussian, {"venn mfh gaussian", "--sweep", "gamma"}, true},
    {"alpha", NULL, cli_mfh_gaussian, {"venn mfh gaussian", "--sweep", "alpha"}, true},
    {"table2", NULL, cli_mfh_gaussian, {"venn mfh gaussian", "--sweep", "table2"}, true},
    {"avd", NULL, cli_mfh_avd, {"venn mfh avd"}, true},
    {"avd-cnn", NULL, cli_mfh_avd, {"venn mfh avd", "--network", "cnn"}, true},
    {"mfeat-ranking", "mfeat", cli_mfh_rank, {"venn mfh rank", "mfeat-kd"}, false},
    {"mfeat-features", "mfeat", cli_mfh_features, {"venn mfh features", "mfeat-kd"}, true},
    {"mfeat-diagram", "mfeat", cli_mfh_diagram, {"venn mfh diagram", "mfeat-kd"}, false},
    {"emoji-ranking", "emoji", cli_mfh_rank, {"venn mfh rank", "emoji-kd"}, false},
    {"emoji-features", "emoji", cli_mfh_features, {"venn mfh features", "emoji-kd"}, true},
    {"emoji-diagram", "emoji", cli_mfh_diagram, {"venn mfh diagram", "emoji-kd"}, false},
    {"avdigits-teachers",
     "avdigits",
     cli_mfh_teachers,
     {"venn mfh teachers", "avdigits-unimodal", "avdigits-crossmodal"},
     true},
    {"avdigits-diagram", "avdigits", cli_mfh_diagram, {"venn mfh diagram", "avdigits-kd"}, false},
};

enum { N_EXPERIMENTS = sizeof experiments / sizeof *experiments };

typedef struct options {
    cli_common common;
    const char *output, *folder, *seeds, *only;
    const char *files[MAX_FILES];
    size_t n;
} options;

enum { KEY_FOLDER = 0x680, KEY_SEEDS, KEY_ONLY };

static const struct argp_option report_options[] = {
    {"out", 'o', "FILE", 0, "The page (default: mfh.html in the folder of the results)", 0},
    {"folder", KEY_FOLDER, "DIR", 0, "Of the results (default: runs/mfh)", 0},
    {"seeds", KEY_SEEDS, "N", 0, "Of what is run now (default: each one's own)", 0},
    {"only", KEY_ONLY, "NAME,NAME,..", 0, "Of the experiments, those alone", 0},
    {0}};

// Is the name in the list "a,b,c"?
static bool is_listed(const char *list, const char *name)
{
    const size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ','), at += at != NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == 0 || at[length] == ','))
            return true;
    return false;
}

static void check_only(const options *o, struct argp_state *state)
{
    char *list = strdup(o->only), *rest = list;
    for (char *name; list && (name = strsep(&rest, ","));) {
        bool known = false;
        for (int i = 0; i < N_EXPERIMENTS; i++)
            known |= strcmp(experiments[i].name, name) == 0;
        if (!known)
            argp_error(state, "--only: there is no experiment \"%s\"", name);
    }
    free(list);
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
    case KEY_FOLDER:
        o->folder = argument;
        return 0;
    case KEY_SEEDS:
        o->seeds = argument;
        return 0;
    case KEY_ONLY:
        o->only = argument;
        check_only(o, state);
        return 0;
    case ARGP_KEY_ARG:
        if (o->n == MAX_FILES)
            argp_error(state, "at most %d files", MAX_FILES);
        o->files[o->n++] = argument;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

// ---- Experiments -----------------------------------------------------------------------------

static bool is_there(const char *path)
{
    return access(path, R_OK) == 0;
}

static bool has_data(const experiment *e)
{
    char path[4200];
    const char *root = getenv("VENN_DATA");
    snprintf(path, sizeof path, "%s/%s", root && *root ? root : ".", e->data ? e->data : "");
    return !e->data || is_there(path);
}

static int run_one(const options *o, const experiment *e, const char *file)
{
    char *words[MAX_WORDS + 10], rankings[4300], folder[4200];
    char title[64]; // argp may write to what it is given
    snprintf(title, sizeof title, "%s", e->words[0]);
    words[0] = title;
    int n = 1;
    for (; n < MAX_WORDS && e->words[n]; n++)
        words[n] = (char *)e->words[n];
    words[n++] = (char *)"-o";
    snprintf(folder, sizeof folder, "%s", file);
    // A ranking is a folder that holds its file.
    if (e->run == cli_mfh_rank)
        *strrchr(folder, '/') = 0;
    words[n++] = folder;
    if (e->run == cli_mfh_features) {
        snprintf(rankings, sizeof rankings, "--rankings=%s/%s-rankings", o->folder, e->data);
        words[n++] = rankings;
    }
    if (o->seeds && e->seeds) {
        words[n++] = (char *)"--seeds";
        words[n++] = (char *)o->seeds;
    }
    if (o->common.verbose)
        words[n++] = (char *)(o->common.verbose > 0 ? "-v" : "-q");
    if (o->common.device) {
        words[n++] = (char *)"--device";
        words[n++] = (char *)o->common.device;
    }
    words[n] = NULL;
    if (o->common.verbose >= 0)
        fprintf(stderr, "venn mfh report: %s\n", e->name);
    return e->run(n, words);
}

static void name_file(const options *o, const experiment *e, char *path, size_t size)
{
    if (e->run == cli_mfh_rank)
        snprintf(path, size, "%s/%s/ranking.json", o->folder, e->name);
    else
        snprintf(path, size, "%s/%s.json", o->folder, e->name);
}

static int make_folder(const char *path)
{
    char part[4096];
    for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        if (*part)
            mkdir(part, 0777);
    }
    mkdir(path, 0777);
    if (is_there(path))
        return EXIT_OK;
    fprintf(stderr, "venn: %s: cannot be made\n", path);
    return EXIT_INPUT;
}

// Fills o->files with what is in the folder by then.
static int run_missing(options *o, char paths[N_EXPERIMENTS][4200])
{
    const int code = make_folder(o->folder);
    if (code != EXIT_OK)
        return code;
    for (int i = 0; i < N_EXPERIMENTS; i++) {
        const experiment *e = &experiments[i];
        name_file(o, e, paths[i], sizeof paths[i]);
        if (o->only && !is_listed(o->only, e->name))
            continue;
        if (!is_there(paths[i]) && !has_data(e)) {
            if (o->common.verbose >= 0)
                fprintf(stderr,
                        "venn mfh report: %s is left out: there is no folder %s under VENN_DATA\n",
                        e->name, e->data);
            continue;
        }
        const int failed = is_there(paths[i]) ? EXIT_OK : run_one(o, e, paths[i]);
        if (failed != EXIT_OK)
            return failed;
        o->files[o->n++] = paths[i];
    }
    return EXIT_OK;
}

static int add(char *text, int used, int size, const char *option, const char *value)
{
    return value && used < size
               ? used + snprintf(text + used, (size_t)(size - used), " %s%s", option, value)
               : used;
}

// What writes the page again; `given`: of the files alone.
static void describe(const options *o, bool given, char *text, int size)
{
    int used = snprintf(text, (size_t)size, "venn mfh report");
    for (size_t i = 0; given && i < o->n; i++)
        used = add(text, used, size, "", o->files[i]);
    used = add(text, used, size, "--folder ", given ? NULL : o->folder);
    used = add(text, used, size, "--only ", o->only);
    used = add(text, used, size, "--seeds ", o->seeds);
    add(text, used, size, "-o ", o->output);
}

static int write_page(const options *o, bool given)
{
    char path[4200], command[8192];
    if (o->n == 0) {
        fprintf(stderr, "venn: there is nothing to report: set VENN_DATA to a folder with the data "
                        "sets' folders, or name result files\n");
        return EXIT_INPUT;
    }
    describe(o, given, command, sizeof command);
    venn_device *device = NULL;
    snprintf(path, sizeof path, "%s/mfh.html", o->folder);
    venn_status status = cli_open_device(&o->common, &device);
    if (status == VENN_OK)
        status = venn_mfh_report_write(o->output ? o->output : path, o->files, o->n,
                                       venn_device_get_info(device)->name, command);
    venn_device_destroy(&device);
    if (status < 0)
        return cli_fail(status);
    printf("%s\n", o->output ? o->output : path);
    return EXIT_OK;
}

int cli_mfh_report(int argc, char **argv)
{
    const struct argp_child children[] = {{&cli_common_argp, 0, NULL, 0}, {0}};
    const struct argp argp = {
        report_options,
        parse,
        "[FILE...]",
        "Write one page of results: of the files given (what the other commands save with -o, and "
        "the ranking.json of rankings), or of all experiments, running first those that are not in "
        "the folder.\vThose on real data need their folders under VENN_DATA and are left out "
        "without them. An interrupted report goes on with the same command.",
        children,
        NULL,
        NULL};
    static char paths[N_EXPERIMENTS][4200];
    options o = {.folder = "runs/mfh"};
    cli_parse(&argp, argc, argv, &o, &o.common);
    const bool given = o.n > 0;
    if (given && (o.only || o.seeds)) {
        fprintf(stderr, "venn: --only and --seeds go without files\n");
        return EXIT_USAGE;
    }
    if (given && !o.output)
        o.output = "mfh.html";
    const int code = given ? EXIT_OK : run_missing(&o, paths);
    return code == EXIT_OK ? write_page(&o, given) : code;
}

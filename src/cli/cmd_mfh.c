// venn mfh: the Modality Focusing Hypothesis. Its subcommands are in cli_mfh_*.c.
#include <stdio.h>
#include <string.h>

#include "cli_mfh.h"

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} subcommands[] = {
    {"rank", "rank the features of a config's networks by what both modalities know", cli_mfh_rank},
    {"features", "which of a teacher's features should teach? general, random, specific",
     cli_mfh_features},
    {"teachers", "which of several teachers teaches a student best?", cli_mfh_teachers},
    {"diagram", "estimate the modality Venn diagram of a config's networks", cli_mfh_diagram},
    {"gaussian", "the paper's experiments on Gaussian data", cli_mfh_gaussian},
    {"avd", "the same with networks, on computed pictures and sounds", cli_mfh_avd},
    {"report", "one page of everything", cli_mfh_report},
};

enum { N_SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void print_help(FILE *out)
{
    fputs(
        "usage: venn mfh COMMAND [OPTION...]\n\nThe Modality Focusing Hypothesis: will distilling "
        "across two modalities help, and\nwhich of the teacher's features should teach?\n\n",
        out);
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].summary);
    fputs("\n`venn mfh COMMAND --help` tells each one's options.\n", out);
}

int cmd_mfh(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        if (strcmp(subcommands[i].name, name) == 0) {
            // argp prints argv[0] in usage lines.
            char title[64];
            snprintf(title, sizeof title, "venn mfh %s", name);
            argv[1] = title;
            return subcommands[i].run(argc - 1, argv + 1);
        }
    if (*name)
        fprintf(stderr, "venn mfh: there is no command \"%s\": `venn mfh help` lists them\n", name);
    else
        print_help(stderr);
    return EXIT_USAGE;
}

int cli_mfh_put(const char *text, const cli_common *common, const char *path)
{
    if (common->json)
        printf("%s\n", text);
    if (!path)
        return EXIT_OK;
    FILE *file = fopen(path, "w");
    const bool good = file && fprintf(file, "%s\n", text) > 0;
    if ((file && fclose(file) != 0) || !good) {
        fprintf(stderr, "venn: %s: cannot be written\n", path);
        return EXIT_INPUT;
    }
    return EXIT_OK;
}

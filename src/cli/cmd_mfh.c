// venn mfh: the Modality Focusing Hypothesis. Its subcommands are in cli_mfh_*.c.
#include <stdio.h>

#include "cli_mfh.h"

static const cli_command commands[] = {
    {"rank", "rank the features of a config's networks by what both modalities know", cli_mfh_rank},
    {"features", "which of a teacher's features should teach? general, random, specific",
     cli_mfh_features},
    {"teachers", "which of several teachers teaches a student best?", cli_mfh_teachers},
    {"diagram", "estimate the modality Venn diagram of a config's networks", cli_mfh_diagram},
    {"gaussian", "the paper's experiments on Gaussian data", cli_mfh_gaussian},
    {"avd", "the same with networks, on computed pictures and sounds", cli_mfh_avd},
    {"report", "one page of everything", cli_mfh_report},
};

static const cli_menu menu = {
    .program = "venn mfh",
    .head = "The Modality Focusing Hypothesis: will distilling across two modalities help, and\n"
            "which of the teacher's features should teach?",
    .tail = "",
    .commands = commands,
    .n = sizeof commands / sizeof *commands,
};

int cmd_mfh(int argc, char **argv)
{
    return cli_choose(&menu, argc, argv);
}

int cli_mfh_put(const char *text, const cli_common *common, const char *path)
{
    if (common->json)
        printf("%s\n", text);
    return path ? cli_write(path, text) : EXIT_OK;
}

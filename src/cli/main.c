// venn: train and distil neural networks on any Vulkan GPU. Picks the subcommand.
#include <stdio.h>
#include <string.h>

#include "cli.h"

static const cli_command commands[] = {
#define CLI_ROW(name, summary) {#name, summary, cmd_##name},
    CLI_COMMANDS(CLI_ROW)
#undef CLI_ROW
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *out)
{
    fprintf(out, "Usage: venn COMMAND [ARGUMENT...]\n"
                 "Train and distil neural networks on any Vulkan GPU.\n\n");
    for (int i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(
        out,
        "\n`venn COMMAND --help` tells each one's options.\n\n"
        "Exit codes: 0 success, 1 failure, 2 command line, 3 bad input file or shapes, 4 no device "
        "or\n"
        "not supported on it, 5 out of memory, 6 training diverged (last good checkpoint kept),\n"
        "7 interrupted (resumable), 8 device lost (resumable).\n");
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return EXIT_OK;
    }
    if (strcmp(name, "--version") == 0)
        name = "version";
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) {
            // argp prints argv[0] in usage lines.
            char title[64];
            snprintf(title, sizeof title, "venn %s", name);
            argv[1] = title;
            return commands[i].run(argc - 1, argv + 1);
        }
    if (*name)
        fprintf(stderr, "venn: there is no command \"%s\": `venn help` lists them\n", name);
    else
        print_help(stderr);
    return EXIT_USAGE;
}

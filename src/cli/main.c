// venn: train and distil neural networks on any Vulkan GPU. Picks the subcommand.
#include <string.h>

#include "cli.h"

static const cli_command commands[] = {
#define CLI_ROW(name, summary) {#name, summary, cmd_##name},
    CLI_COMMANDS(CLI_ROW)
#undef CLI_ROW
};

static const cli_menu menu = {
    .program = "venn",
    .head = "Train and distil neural networks on any Vulkan GPU.",
    .tail =
        "\nExit codes: 0 success, 1 failure, 2 command line, 3 bad input file or shapes, 4 no "
        "device "
        "or\n"
        "not supported on it, 5 out of memory, 6 training diverged (last good checkpoint kept),\n"
        "7 interrupted (resumable), 8 device lost (resumable).\n",
    .commands = commands,
    .n = sizeof commands / sizeof *commands,
};

int main(int argc, char **argv)
{
    static char version[] = "version";
    cli_begin();
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        argv[1] = version;
    if (argc > 1 && strcmp(argv[1], "completion") == 0)
        return cli_ended(cli_completion(&menu, argc - 1, argv + 1));
    return cli_ended(cli_choose(&menu, argc, argv));
}

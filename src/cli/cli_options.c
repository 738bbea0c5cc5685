// Options, messages, files and the device that subcommands have in common.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

int cli_exit_code(venn_status status)
{
    switch (status) {
    case VENN_OK:
        return EXIT_OK;
    case VENN_BAD_FILE:
    case VENN_BAD_SHAPE:
        return EXIT_INPUT;
    case VENN_NO_DEVICE:
    case VENN_UNSUPPORTED:
        return EXIT_DEVICE;
    case VENN_NO_MEMORY:
    case VENN_NO_DEVICE_MEMORY:
        return EXIT_MEMORY;
    case VENN_NOT_FINITE:
        return EXIT_DIVERGED;
    case VENN_CANCELLED:
        return EXIT_INTERRUPTED;
    case VENN_DEVICE_LOST:
        return EXIT_DEVICE_LOST;
    case VENN_BAD_ARG:
        return EXIT_USAGE;
    case VENN_INTERNAL:
        break;
    }
    return EXIT_FAILED;
}

int cli_fail(venn_status status)
{
    fprintf(stderr, "venn: %s\n", venn_error_message());
    return cli_exit_code(status);
}

static void print_log(void *user, venn_log_level level, const char *line)
{
    (void)user;
    static const char *const prefix[] = {"error: ", "note: ", "", ""};
    fprintf(stderr, "venn: %s%s\n", prefix[level], line);
}

enum { KEY_JSON = 0x100, KEY_DEVICE };

static error_t parse_common(int key, char *argument, struct argp_state *state)
{
    cli_common *common = state->input;
    switch (key) {
    case KEY_DEVICE:
        common->device = argument;
        return 0;
    case KEY_JSON:
        common->json = true;
        return 0;
    case 'v':
        common->verbose++;
        return 0;
    case 'q':
        common->verbose--;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

#define MESSAGE_OPTIONS                                                                            \
    {"json", KEY_JSON, NULL, 0, "Print the result as JSON", 10},                                   \
        {"verbose", 'v', NULL, 0, "Say more (twice: everything)", 10},                             \
        {"quiet", 'q', NULL, 0, "Say nothing but errors", 10},                                     \
    {                                                                                              \
        0                                                                                          \
    }

static const struct argp_option message_options[] = {MESSAGE_OPTIONS};
static const struct argp_option common_options[] = {
    {"device", KEY_DEVICE, "WHICH", 0,
     "Index, UUID or part of the name; default: VENN_DEVICE, else the first usable", 10},
    MESSAGE_OPTIONS};

const struct argp cli_common_argp = {common_options, parse_common, NULL, NULL, NULL, NULL, NULL};
const struct argp cli_messages_argp = {message_options, parse_common, NULL, NULL, NULL, NULL, NULL};

void cli_parse(const struct argp *argp, int argc, char **argv, void *input, cli_common *common)
{
    cli_complete_options(argp, argc, argv);
    argp_err_exit_status = EXIT_USAGE;
    argp_parse(argp, argc, argv, 0, NULL, input);
    int level = VENN_LOG_WARN + common->verbose;
    if (level < VENN_LOG_ERROR)
        level = VENN_LOG_ERROR;
    venn_log_set(print_log, NULL, level > VENN_LOG_DEBUG ? VENN_LOG_DEBUG : (venn_log_level)level);
}

venn_status cli_open_device(const cli_common *common, venn_device **device)
{
    venn_device_params params = {.select = common->device};
    return venn_device_create(device, &params);
}

uint32_t cli_count(const char *text, const char *option, uint32_t most,
                   const struct argp_state *state)
{
    char *end;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end || value < 1 || value > (long long)most)
        argp_error(state, "%s needs a whole number from 1 to %u, not \"%s\"", option, most, text);
    return (uint32_t)value;
}

int cli_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");
    const bool written = file && fputs(text, file) >= 0 && fputc('\n', file) >= 0;
    if ((file && fclose(file) != 0) || !written) {
        fprintf(stderr, "venn: %s cannot be written: %s\n", path, strerror(errno));
        return EXIT_INPUT;
    }
    return EXIT_OK;
}

// ---- Commands --------------------------------------------------------------------------------

static void print_help(const cli_menu *menu, FILE *out)
{
    fprintf(out, "Usage: %s COMMAND [ARGUMENT...]\n%s\n\n", menu->program, menu->head);
    for (int i = 0; i < menu->n; i++)
        fprintf(out, "  %-10s %s\n", menu->commands[i].name, menu->commands[i].summary);
    fprintf(out, "\n`%s COMMAND --help` tells each one's options.\n%s", menu->program, menu->tail);
}

int cli_choose(const cli_menu *menu, int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (cli_complete_commands(menu, argc, argv))
        return EXIT_OK;
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(menu, stdout);
        return EXIT_OK;
    }
    for (int i = 0; i < menu->n; i++)
        if (strcmp(menu->commands[i].name, name) == 0) {
            // argp prints argv[0] in usage lines.
            char title[64];
            snprintf(title, sizeof title, "%s %s", menu->program, name);
            argv[1] = title;
            return menu->commands[i].run(argc - 1, argv + 1);
        }
    if (*name)
        fprintf(stderr, "%s: there is no command \"%s\": `%s help` lists them\n", menu->program,
                name, menu->program);
    else
        print_help(menu, stderr);
    return EXIT_USAGE;
}

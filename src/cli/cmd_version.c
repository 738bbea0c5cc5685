// venn version: what this program is made of.
#include <jansson.h>
#include <stdio.h>

#include "cli.h"

static error_t parse(int key, char *argument, struct argp_state *state)
{
    (void)argument;
    if (key == ARGP_KEY_INIT) {
        state->child_inputs[0] = state->input;
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

int cmd_version(int argc, char **argv)
{
    static const struct argp_child children[] = {{&cli_messages_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {NULL, parse, NULL, "Print the version.", children, NULL, NULL};
    cli_common common = {0};
    cli_parse(&argp, argc, argv, &common, &common);
    if (common.json)
        printf("{\"venn\": \"%s\", \"shaders\": \"%s\"}\n", venn_version(), venn_shader_hash());
    else
        printf("venn %s, shaders %s\n", venn_version(), venn_shader_hash());
    return EXIT_OK;
}

// What a run has kept, for --json.
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

int cli_print_kept(const char *folder, const char *name)
{
    char *text;
    const venn_status status = venn_run_json(folder, name, &text);
    if (status < 0)
        return cli_fail(status);
    printf("%s\n", text);
    free(text);
    return EXIT_OK;
}

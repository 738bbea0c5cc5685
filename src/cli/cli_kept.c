// What a run has kept, for --json.
#include <errno.h>
#include <jansson.h>
#include <stdio.h>

#include "cli.h"

int cli_print_kept(const char *folder, const char *name)
{
    char path[4200];
    json_error_t error;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    errno = 0;
    json_t *kept = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    const bool whole = kept && json_object_set_new(kept, "folder", json_string(folder)) == 0;
    // Where memory runs out jansson may go on without a part of the file.
    const bool memory = errno == ENOMEM;
    int code = EXIT_OK;
    if (memory || !whole) {
        fprintf(stderr, "venn: %s: %s\n", path,
                memory ? "out of host memory"
                : kept ? "is no JSON object"
                       : error.text);
        code = memory ? EXIT_MEMORY : EXIT_INPUT;
    } else if (json_dumpf(kept, stdout, JSON_INDENT(2)) < 0 || printf("\n") < 0) {
        fprintf(stderr, "venn: standard output cannot be written\n");
        code = EXIT_FAILED;
    }
    json_decref(kept);
    return code;
}

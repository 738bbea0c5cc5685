// What a command may not have seen: that memory ran out for a part of its JSON, whose functions return what most of the
// commands pass on unseen, and that standard output could not be written.
#include <errno.h>
#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static atomic_bool part_missing;

static void *allocate(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        atomic_store(&part_missing, true);
    return memory;
}

void cli_begin(void)
{
    json_set_alloc_funcs(allocate, free);
}

int cli_ended(int code)
{
    if (code == EXIT_OK && atomic_load(&part_missing)) {
        fprintf(stderr, "venn: out of host memory: what was printed lacks a part\n");
        code = EXIT_MEMORY;
    }
    if ((fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_OK) {
        fprintf(stderr, "venn: standard output cannot be written: %s\n", strerror(errno));
        code = EXIT_FAILED;
    }
    return code;
}

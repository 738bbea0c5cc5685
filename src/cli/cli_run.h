// What `venn distill` and `venn train` share: their options and a run in a folder.
#ifndef VENN_CLI_RUN_H
#define VENN_CLI_RUN_H

#include "cli.h"
#include "venn/distill.h"

typedef venn_status (*cli_job)(venn_device *device, const venn_distill_config *config,
                               const char *folder, bool resume, const char *command,
                               const venn_distill_observer *observer);

// Parses, runs the job and prints its table. `doc` describes the command for --help.
int cli_run(int argc, char **argv, const char *doc, cli_job job);

#endif

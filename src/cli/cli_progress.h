// Progress of trainings on standard error: a bar with the time left on a terminal, plain lines elsewhere;
// and Ctrl-C, which finishes the step and saves.
#ifndef VENN_CLI_PROGRESS_H
#define VENN_CLI_PROGRESS_H

#include "cli.h"
#include "venn/distill.h"

typedef struct cli_progress {
    bool terminal, colour;
    int verbose;
    double started, shown; // seconds
    double stage_started;
    uint64_t stage_first; // step at which this process began the stage
    const char *phase;    // of the latest step
    bool line_open;
} cli_progress;

// Fills an observer that reports through `progress` and stops on Ctrl-C (a second one kills).
venn_distill_observer cli_progress_observer(cli_progress *progress, const cli_common *common);
// Ends an open line.
void cli_progress_end(cli_progress *progress);

#endif

// Event files of a job, for TensorBoard: a folder for each training, "<stage>-<seed>" or, of what a method
// trains before its last stage, "<stage>-<phase>-<seed>"; curves as in the run's report.
#ifndef VENN_CLI_TENSORBOARD_H
#define VENN_CLI_TENSORBOARD_H

#include "cli.h"

typedef struct cli_tensorboard {
    const char *folder;
    venn_distill_observer inner; // sees everything first
    venn_events *events;         // of the present training
    venn_status status;          // the first that failed; nothing is written after it
    char message[512];
} cli_tensorboard;

// Stands between a job and `inner`.
venn_distill_observer cli_tensorboard_observer(cli_tensorboard *board, const char *folder,
                                               const venn_distill_observer *inner);
// Closes what is open. The exit code, after a message if a file could not be written.
int cli_tensorboard_end(cli_tensorboard *board);

#endif

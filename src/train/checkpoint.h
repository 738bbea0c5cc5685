// The checkpoints of one training in its folder: the newest is last.safetensors, the ones before it are
// last.1.safetensors and so on. They move by links and renames alone, so that at every moment, whatever
// becomes of process, machine or disk, one whole checkpoint is there.
#ifndef VENN_TRAIN_CHECKPOINT_H
#define VENN_TRAIN_CHECKPOINT_H

#include "venn/io.h"

// The newest and the one before it: a damaged one costs an epoch, not a training.
enum { VENN_CHECKPOINTS = 2, VENN_MAX_CHECKPOINTS = 16 };

// VENN_BAD_ARG if so many cannot be kept.
venn_status venn_checkpoint_check(uint32_t keep);

// Writes a new checkpoint: the arrays, and `state`, a text. Keeps the newest `keep` of all (0:
// VENN_CHECKPOINTS). VENN_BAD_FILE if it cannot be written; those before it are whole then.
venn_status venn_checkpoint_write(const char *folder, uint32_t keep, const venn_named_array *arrays,
                                  size_t n, const char *state);

// Reads the newest that is whole. A damaged one is passed over with a warning and keeps the name
// last.damaged.safetensors. *path (malloc'd) is the file's, *state lives in *file. *file is NULL if the folder
// holds none; VENN_BAD_FILE if all of them are damaged.
venn_status venn_checkpoint_read(const char *folder, venn_safetensors **file, const char **state,
                                 char **path);

#endif

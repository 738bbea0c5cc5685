// A graph over all pairs of a split, compiled once and run as often as wanted.
#ifndef VENN_TRAIN_SWEEP_H
#define VENN_TRAIN_SWEEP_H

#include "train/step_internal.h"

typedef struct sweep {
    venn_program *program;
    step_stream stream;
} sweep;

typedef void (*sweep_build)(void *user, venn_step *s);
// Takes the n rows from `first` on out of a finished run.
typedef venn_status (*sweep_take)(void *user, venn_program *program, uint64_t ticket, int64_t first,
                                  int64_t n);

venn_status venn_sweep_open(sweep *s, venn_device *device, const venn_dataset *data, uint32_t batch,
                            const venn_fit_net *nets, size_t n_nets, sweep_build build, void *user);
void venn_sweep_close(sweep *s);
venn_status venn_sweep_each(sweep *s, venn_split_id split, sweep_take take, void *user);

#endif

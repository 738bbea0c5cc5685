// The standard training steps (venn/bench.h) from inside: one built, fed and torn down.
#ifndef VENN_BENCH_BENCH_STEP_H
#define VENN_BENCH_BENCH_STEP_H

#include "bench/sampling.h"
#include "venn/bench.h"
#include "venn/nn.h"
#include "venn/optim.h"

// Phases of their nodes; the optimizer names its own, "backward" and "optimizer".
#define VENN_PHASE_TEACHER "teacher forward"
#define VENN_PHASE_STUDENT "student forward"
#define VENN_PHASE_LOSS "loss"

typedef struct venn_step_def {
    const char *name;
    const venn_layer *student, *teacher; // teacher NULL: its logits are an input
    size_t n_student, n_teacher;
    venn_shape input; // of one sample
    uint32_t batch;
    bool quick; // part of the quick suite
} venn_step_def;

// VENN_BAD_ARG, with the names that there are, for an unknown one.
venn_status venn_step_find(const char *name, const venn_step_def **def);

// One step under way. Losses are the program's output "loss".
typedef struct venn_step {
    const venn_step_def *def;
    uint32_t batch;
    venn_net *net, *teacher;
    venn_optim *optim;
    venn_graph *g;
    venn_tensor loss;
    venn_program *program;
    float *x, *logits; // what every run is fed: normal numbers, the same always
    int32_t *labels;
} venn_step;

// On failure venn_step_finish is still to be called.
venn_status venn_step_create(venn_step *s, venn_device *device, const venn_step_def *def,
                             uint32_t batch, bool timestamps);
// A feed hook of venn_sample_program, whose user is the step.
venn_status venn_step_feed(void *step, venn_program *program, uint32_t run);
void venn_step_finish(venn_step *s);

// Trains a small batch for some steps beside the double-precision reference: the largest relative
// difference of their losses.
venn_status venn_step_check(venn_device *device, const venn_step_def *def, double *error);

#endif

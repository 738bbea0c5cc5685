// A training run in progress, shared by the files of src/train.
#ifndef VENN_TRAIN_FIT_INTERNAL_H
#define VENN_TRAIN_FIT_INTERNAL_H

#include <jansson.h>

#include "train/step_internal.h"
#include "venn/io.h"

enum { FIT_MAX_STREAMS = 4, FIT_MAX_OPTIMS = 8, FIT_SLOTS = 3, FIT_TIMES = 1024 };

typedef struct evaluator evaluator;

typedef struct fit_term {
    const char *name;
    bool host; // set by epoch_end, no output of the program
} fit_term;

typedef struct fit_optim {
    venn_optim *optim;
    int32_t *owner; // per variable: number of its network, -1: the objective's own
    bool stepped;   // in the graph last built
} fit_optim;

// A device array of the checkpoints.
typedef struct fit_slot {
    char *name;
    venn_var *var;
} fit_slot;

// Sums over the present epoch; part of the checkpoint, so that resuming in mid-epoch is exact.
typedef struct fit_sums {
    double loss, terms[VENN_MAX_TERMS], correct, seconds;
    uint64_t steps;
} fit_sums;

typedef struct fit_state {
    venn_device *device;
    const venn_fit *fit;
    const venn_objective *objective;
    venn_fit_result *result;
    uint32_t epochs, batch, per_epoch;
    venn_dtype storage; // of networks in the step
    venn_fit_net *nets; // the main one first
    size_t n_nets;
    fit_optim optims[FIT_MAX_OPTIMS];
    uint32_t n_optims;
    venn_program *program;
    evaluator *evaluator; // NULL: the objective scores by itself

    step_stream streams[FIT_MAX_STREAMS]; // the main one first
    uint32_t n_streams;
    venn_loader *loaders[FIT_MAX_STREAMS];
    float **cached;             // per network: logits [n_train, ...] or NULL
    uint32_t *pairs[FIT_SLOTS]; // of the steps in flight
    fit_term terms[VENN_MAX_TERMS];
    int n_terms;
    int64_t
        counts; // predictions that the program counts the right ones of, in a step; 0: it counts none

    fit_slot *slots; // n_weights of them are the model, the others the optimizers' state
    size_t n_slots, n_weights;
    venn_named_array *best; // the best weights, where there is no folder to keep them

    // Where training is: the next step is batch `index` of epoch `epoch` (both from 0).
    uint32_t epoch, index;
    uint64_t steps;
    uint64_t started_ns;
    fit_sums sums;
    double last_loss;
    uint64_t pending[FIT_SLOTS];
    uint32_t n_pending;
    double times[FIT_TIMES];
    uint32_t n_times;
    uint32_t traced; // steps on the timeline
} fit_state;

// Of one step, by the host's clock: before its batch was written, after, and when it was done.
typedef struct fit_moments {
    uint64_t begun, fed, done;
} fit_moments;

// fit_graph.c: the training step as a graph; sets what the streams deliver, terms, counts.
venn_status venn_fit_build(fit_state *f, venn_graph *g);

// fit_feed.c
venn_status venn_fit_streams_plan(fit_state *f);
// Loaders of all streams, to deliver the batches of step `step` (from 0) next.
venn_status venn_fit_loaders_start(const fit_state *f, uint64_t step, venn_loader **loaders);
void venn_fit_loaders_destroy(venn_loader **loaders);
// Writes everything that step `step` needs into the program's next slot.
venn_status venn_fit_feed(fit_state *f, venn_program *program, venn_loader **loaders,
                          uint64_t step);
venn_status venn_fit_cache_logits(fit_state *f);

// fit_optim.c
venn_status venn_fit_optims_create(fit_state *f);
void venn_fit_optims_destroy(fit_state *f);
venn_status venn_fit_optims_feed(fit_state *f, venn_program *program, int64_t epoch);

// fit_slots.c: what belongs into checkpoints.
venn_status venn_fit_slots_create(fit_state *f);
void venn_fit_slots_destroy(fit_state *f);
venn_status venn_fit_slots_read(const fit_state *f, size_t n, venn_named_array **arrays);
venn_status venn_fit_slots_write(fit_state *f, size_t n, const char *path,
                                 const venn_safetensors *file);

// fit_checkpoint.c
venn_status venn_fit_save(fit_state *f);
venn_status venn_fit_load(fit_state *f, bool *found);
venn_status venn_fit_save_best(fit_state *f);
venn_status venn_fit_load_best(fit_state *f);
venn_status venn_fit_save_done(fit_state *f);
venn_status venn_fit_load_done(fit_state *f, bool *found);

// fit_timeline.c: whether the next step goes on the timeline; puts the one there that is just done.
bool venn_fit_traces(const fit_state *f);
void venn_fit_trace(fit_state *f, uint64_t ticket, const fit_moments *m);

// precision.c: VENN_F32, VENN_F16 or VENN_BF16; VENN_UNSUPPORTED, saying why.
venn_status venn_precision_resolve(venn_device *device, venn_precision wanted, venn_dtype *storage);

// nonfinite.c: after a loss that is not finite: says in the message which tensor was the first.
venn_status venn_fit_diagnose(fit_state *f, uint64_t step, double loss);

// evaluate.c: an evaluation program that is compiled once. The logits are the objective's prediction, or
// those of nets[0].
venn_status venn_evaluator_create(evaluator **out, venn_device *device, const venn_fit_net *nets,
                                  size_t n_nets, const venn_objective *objective,
                                  const venn_dataset *data, uint32_t batch, bool logits);
void venn_evaluator_destroy(evaluator **e);
venn_status venn_evaluator_run(evaluator *e, venn_split_id split, venn_evaluation *result,
                               float *logits, int32_t *predictions);

#endif

// venn/train.h: training one network on a data set: epochs, evaluation, the best weights by validation,
// checkpoints from which an interrupted run goes on bit for bit.
#ifndef VENN_TRAIN_H
#define VENN_TRAIN_H

#include "venn/data.h"
#include "venn/nn.h"
#include "venn/optim.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- What a step minimises -------------------------------------------------------------------

#define VENN_MAX_TERMS 4

// Handed to an objective while the training graph is built.
typedef struct venn_objective_context {
    venn_graph *g;
    venn_tensor logits;  // [B, C] of the network that learns
    venn_tensor labels;  // i32 [B]
    venn_tensor teacher; // [B, C] logits of the teacher, a constant; VENN_NONE without one
    // Scalars to be averaged over an epoch and reported under their names ("ce", "kd"); the objective
    // fills them.
    struct {
        const char *name; // static storage
        venn_tensor value;
    } terms[VENN_MAX_TERMS];
    int n_terms;
} venn_objective_context;

typedef struct venn_objective {
    void *user;
    // Returns the scalar to minimise. Errors are the graph's sticky error.
    venn_tensor (*loss)(void *user, venn_objective_context *context);
} venn_objective;

// Mean softmax cross-entropy against the labels, reported as "ce".
extern const venn_objective venn_objective_ce;

// ---- Watching and stopping -------------------------------------------------------------------

// One epoch, as reported and as written to metrics.jsonl.
typedef struct venn_metrics {
    uint32_t epoch; // from 1
    uint64_t step;  // steps done since the start of training
    double lr;      // of the epoch's last step
    double loss;    // mean over the epoch's steps
    struct {
        const char *name;
        double value;
    } terms[VENN_MAX_TERMS];
    int n_terms;
    double train_accuracy;             // of the training batches as they came, in [0, 1]
    double valid_loss, valid_accuracy; // NaN without a validation split
    double seconds;
} venn_metrics;

typedef struct venn_step_event {
    uint64_t step, total; // steps done and to do in this training
    uint32_t epoch, epochs;
    double loss; // of the latest step whose metrics have come back; NaN at first
} venn_step_event;

typedef struct venn_observer {
    void *user;
    void (*on_step)(void *user, const venn_step_event *event); // may be NULL
    void (*on_epoch)(void *user, const venn_metrics *metrics); // may be NULL
    // Polled after every step: true finishes the step, saves a checkpoint and returns VENN_CANCELLED.
    bool (*stop)(void *user); // may be NULL
} venn_observer;

// ---- Training --------------------------------------------------------------------------------

// A frozen network that gives targets. Its parameters are never changed.
typedef struct venn_teacher {
    venn_net *net;
    const char *const *modalities; // one per branch of net
    bool cache; // compute its logits on the training split once, instead of in every step
} venn_teacher;

typedef struct venn_fit {
    venn_net *net;                   // starts from its present parameters
    const char *const *modalities;   // data for each branch of net
    const venn_dataset *data;        // splits train, test and, if there, valid
    uint32_t epochs;                 // 0: 10
    uint32_t batch;                  // 0: 64; the last incomplete batch of an epoch is left out
    uint64_t seed;                   // of shuffling and of random ops
    venn_optim_params optim;         // a schedule's `total` of 0 becomes all steps of the run
    const venn_objective *objective; // NULL: venn_objective_ce
    const venn_teacher *teacher;     // NULL: none
    const char *folder; // for best.safetensors, last.safetensors, done.json; NULL: keep nothing
    bool resume;        // go on from folder's last.safetensors, or return done.json's result
    const venn_observer *observer; // NULL: none
} venn_fit;

typedef struct venn_fit_result {
    venn_metrics *history; // one per epoch; freed by venn_fit_result_finish
    uint32_t n_epochs;
    uint32_t best_epoch;   // highest validation accuracy, the first of equals (without a validation
                           // split: the last epoch)
    double valid_accuracy; // at best_epoch
    double test_accuracy, test_loss; // of best_epoch's parameters
    double seconds;                  // of training, evaluation included
    uint64_t steps;
    venn_program_info step; // of the training program
    double step_us;         // median device time of a step in microseconds; 0 if unknown
} venn_fit_result;

// Trains fit->net and leaves the best epoch's parameters in it. All memory is taken before the first
// step: VENN_NO_DEVICE_MEMORY comes at once, with the bytes needed. VENN_NOT_FINITE when the loss
// becomes infinite or NaN: the message names the first tensor that went bad; parameters and
// last.safetensors stay at the last good step. VENN_CANCELLED after `stop`. VENN_BAD_FILE if a
// checkpoint cannot be written (the former one is intact) or read.
venn_status venn_fit_run(venn_device *device, const venn_fit *fit, venn_fit_result *result);
// Everything that venn_fit_run does before its first step, and nothing else: do data, network and
// objective fit, and is there memory?
venn_status venn_fit_check(venn_device *device, const venn_fit *fit);
// The same, telling what the training step became: *info, and every node by `fn` if that is not NULL.
venn_status venn_fit_describe(venn_device *device, const venn_fit *fit, venn_program_info *info,
                              venn_line_fn fn, void *user);
void venn_fit_result_finish(venn_fit_result *result);

// ---- Evaluation ------------------------------------------------------------------------------

typedef struct venn_evaluation {
    double accuracy; // in [0, 1]
    double loss;     // mean cross-entropy
    int64_t n;
} venn_evaluation;

// Runs net in evaluation mode over a split. batch 0: 256. logits: NULL, or n x C floats to fill;
// predictions: NULL, or n class ids to fill.
venn_status venn_evaluate(venn_device *device, venn_net *net, const char *const *modalities,
                          const venn_dataset *data, venn_split_id split, uint32_t batch,
                          venn_evaluation *result, float *logits, int32_t *predictions);

// ---- Weights ---------------------------------------------------------------------------------

// A network's parameters and buffers as safetensors, under the names that nn.h gives them. Loading
// checks names, types and shapes: VENN_BAD_FILE names the first that does not fit.
venn_status venn_net_save(const venn_net *net, const char *path);
venn_status venn_net_load(venn_net *net, const char *path);

#ifdef __cplusplus
}
#endif
#endif

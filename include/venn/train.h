// venn/train.h: training a network, or several together, on a data set: epochs, evaluation, the best
// weights by validation, checkpoints from which an interrupted run goes on bit for bit.
#ifndef VENN_TRAIN_H
#define VENN_TRAIN_H

#include "venn/io.h"
#include "venn/train_objective.h"

#ifdef __cplusplus
extern "C" {
#endif

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
    } terms[VENN_MAX_TERMS]; // means over the epoch's steps of what the objective declared
    int n_terms;
    double train_accuracy;             // of the training batches as they came, in [0, 1]
    double valid_loss, valid_accuracy; // NaN without a validation split
    double seconds;
} venn_metrics;

// Puts a number into the term of that name, which the objective declared (venn_step_term): for
// `epoch_end`. VENN_BAD_ARG if it did not.
venn_status venn_metrics_set(venn_metrics *metrics, const char *name, double value);

// Where a training is.
typedef struct venn_step_event {
    uint64_t step, total; // steps done and to do in this training
    uint32_t epoch, epochs;
    double loss; // of the latest step whose metrics have come back; NaN at first
} venn_step_event;

// Who watches a training, and may stop it.
typedef struct venn_observer {
    void *user;
    void (*on_step)(void *user, const venn_step_event *event); // may be NULL
    void (*on_epoch)(void *user, const venn_metrics *metrics); // may be NULL
    // Polled after every step: true finishes the step, saves a checkpoint and returns VENN_CANCELLED.
    bool (*stop)(void *user); // may be NULL
    // Gets the first steps of the training, one after another instead of overlapping: what the host
    // does, and every node by the device's clock. NULL: none.
    venn_timeline *timeline;
    uint32_t timeline_steps; // 0: 20
} venn_observer;

// ---- Training --------------------------------------------------------------------------------

// What becomes of a network in a training.
typedef enum venn_net_role {
    VENN_NET_TRAINS,  // by an optimizer; in checkpoints
    VENN_NET_FOLLOWS, // changed by the objective alone (a moving average); in checkpoints
    VENN_NET_FROZEN   // constant: a teacher
} venn_net_role;

// A network that takes part besides the main one: a teacher, a peer, a projection.
typedef struct venn_fit_net {
    venn_net *net;
    const char *name;              // unique; its arrays are "<name>/<parameter>" in checkpoints
    const char *const *modalities; // one per branch; NULL: it is only applied to given tensors
    venn_net_role role;
    bool cache;     // FROZEN: compute its logits on the training split once, not in every step
    float lr_scale; // TRAINS: factor of the learning rate; 0: 1
    const venn_optim_params *optim; // TRAINS: an optimizer of its own; NULL: the training's
} venn_fit_net;

// A variable of the objective's own: a parameter outside any network, a queue, a matrix.
typedef struct venn_fit_var {
    venn_var *var;  // its name must be unique; in checkpoints
    bool trains;    // by the training's optimizer; else only the objective's ops change it
    float lr_scale; // 0: 1
} venn_fit_var;

// An array of the objective's own on the host, kept in checkpoints: a replay buffer, counters.
typedef struct venn_fit_array {
    const char *name; // unique
    venn_dtype dtype;
    venn_shape shape;
    void *data; // read and written by the objective's hooks; restored before the first step
} venn_fit_array;

// Data besides the main ones, in an order of their own: unpaired, or without labels that count.
typedef struct venn_stream {
    const char *name; // unique; "x" is the main one's
    const venn_dataset *data;
    venn_split_id split; // 0: training
    uint32_t batch;      // 0: the main stream's
} venn_stream;

// What lies between the layers of the networks in a training step, and the copies of weights that they read
// (venn_apply_params.storage). Parameters, gradients of parameters, losses and evaluations are f32 with all.
typedef enum venn_precision {
    VENN_PRECISION_F32,
    VENN_PRECISION_F16, // with loss scaling (venn_optim_params.loss_scale, 0: 65536)
    VENN_PRECISION_BF16,
    VENN_PRECISION_AUTO // F16 on a GPU with 16-bit storage, else F32; a note says which and why
} venn_precision;

// A training: who takes part, on what, how long, and where it is kept.
typedef struct venn_fit {
    venn_net *net;                 // the main network: evaluated, chosen by validation, and saved
                                   // under plain names; starts from its present parameters
    const char *const *modalities; // data for each branch of net; NULL as for the others
    venn_net_role role;            // of net; 0: it trains
    const venn_fit_net *others;    // may be NULL
    size_t n_others;
    const venn_fit_var *vars;
    size_t n_vars;
    const venn_fit_array *arrays;
    size_t n_arrays;
    const venn_dataset *data; // splits train, test and, if there, valid
    const venn_stream *streams;
    size_t n_streams;
    uint32_t epochs;          // 0: 10
    uint32_t batch;           // 0: 64; the last incomplete batch of an epoch is left out
    uint32_t steps_per_epoch; // 0: all batches of the main data once
    uint64_t seed;            // of shuffling and of random ops
    venn_optim_params optim;  // a schedule's `total` of 0 becomes all steps of the run
    venn_precision precision; // F16, BF16: VENN_UNSUPPORTED if the device has no 16-bit storage
    const venn_objective *objective; // NULL: venn_objective_ce
    bool keep_last; // leave the last epoch's parameters, not those of the best epoch by validation
    const char *folder; // for best.safetensors, checkpoints, done.json; NULL: keep nothing
    uint32_t
        checkpoints; // so many are kept, last.safetensors and those before it; 0: 2, at most 16
    bool resume;     // go on from the newest checkpoint that is whole, or return done.json's result
    const venn_observer *observer; // NULL: none
} venn_fit;

// What a training came to.
typedef struct venn_fit_result {
    venn_metrics *history; // one per epoch; freed by venn_fit_result_finish
    uint32_t n_epochs;
    uint32_t best_epoch;   // highest validation accuracy, the first of equals (without a validation
                           // split, or with keep_last: the last epoch)
    double valid_accuracy; // at best_epoch
    double test_accuracy, test_loss; // of best_epoch's parameters
    double seconds;                  // of training, evaluation included
    uint64_t steps;
    venn_program_info step; // of the training program
    double step_us;         // median device time of a step in microseconds; 0 if unknown
    double
        first_step;  // seconds from the call to the end of its first step: pipelines, data, memory
    uint64_t memory; // bytes of device memory in use when all was taken, before the first step
} venn_fit_result;

// Trains, and leaves the best epoch's parameters in fit->net, in the other networks that change and in
// the variables. All memory is taken before the first
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
// Frees what it points to. Takes a zeroed one.
void venn_fit_result_finish(venn_fit_result *result);

// ---- Evaluation ------------------------------------------------------------------------------

// How good a network is on a split.
typedef struct venn_evaluation {
    double accuracy; // in [0, 1]; what the data set's `score` says
    double loss;     // mean cross-entropy
    int64_t n;       // pairs
    venn_score score;
} venn_evaluation;

// Runs net in evaluation mode over a split. batch 0: 256; less where that many items are over 64 MiB. logits: NULL, or n x C floats to fill;
// predictions: NULL, or n class ids to fill. A net that gives [C, X..] is held against the target of its first
// modality, place by place: its n x C x X.. logits, and no predictions (VENN_UNSUPPORTED).
venn_status venn_evaluate(venn_device *device, venn_net *net, const char *const *modalities,
                          const venn_dataset *data, venn_split_id split, uint32_t batch,
                          venn_evaluation *result, float *logits, int32_t *predictions);

// A graph that is run over all pairs of a split, in order, to gather what it gives: features, pseudo
// labels, similarities.
typedef struct venn_sweep {
    const venn_dataset *data;
    venn_split_id split;
    uint32_t batch;           // 0: 256
    const venn_fit_net *nets; // those that venn_step_apply may find without x; may be NULL
    size_t n_nets;
    void *user;
    // Appends the graph; s->training is false. What it declares with venn_graph_output under the names
    // below must have B rows.
    void (*build)(void *user, venn_step *s);
    // Where it goes: n rows each, of as many bytes as the output has per row. Ends with name NULL.
    const struct venn_sweep_output {
        const char *name;
        void *rows;
    } * outputs; // one for each name
} venn_sweep;

// Runs it. The graph's error, if `build` leaves one; VENN_BAD_ARG for an output that it does not declare; and what
// venn_graph_compile and venn_program_run return.
venn_status venn_sweep_run(venn_device *device, const venn_sweep *sweep);

// ---- Weights ---------------------------------------------------------------------------------

// A network's parameters and buffers as safetensors, under the names that nn.h gives them. Loading
// checks names, types and shapes: VENN_BAD_FILE names the first that does not fit.
venn_status venn_net_save(const venn_net *net, const char *path);
venn_status venn_net_load(venn_net *net, const char *path);

#ifdef __cplusplus
}
#endif
#endif

// venn/train_objective.h: what one training step does. An objective appends, to the graph of the step, whatever
// is to be minimised, over as many networks, data streams and variables as it needs; the whole step
// remains one recorded program and one submission. Part of train.h, which says who calls it.
//
//   static venn_tensor loss(void *user, venn_step *s)
//   {
//       venn_tensor z = venn_step_apply(s, student, NULL), t = venn_step_apply(s, teacher, NULL);
//       venn_tensor ce = venn_cross_entropy(s->g, z, venn_step_labels(s, NULL), NULL);
//       venn_tensor kd = venn_kl_div(s->g, z, t, VENN_NONE, NULL);
//       venn_step_term(s, "ce", ce);
//       venn_step_term(s, "kd", kd);
//       return venn_add(s->g, ce, kd);
//   }
#ifndef VENN_TRAIN_OBJECTIVE_H
#define VENN_TRAIN_OBJECTIVE_H

#include "venn/data.h"
#include "venn/nn.h"
#include "venn/optim.h"

#ifdef __cplusplus
extern "C" {
#endif

// Terms of a loss that can be reported.
#define VENN_MAX_TERMS 12

// ---- While a graph is built ------------------------------------------------------------------

// A graph under construction: of a training step or, for predictions, of an evaluation. Errors are the
// graph's sticky error.
typedef struct venn_step {
    venn_graph *g;
    uint32_t batch; // of the main stream
    bool training;  // false: an evaluation
} venn_step;

// The batch of a modality, f32 [B, shape...], and its labels, i32 [B]. `stream` is NULL for the main data,
// else the name of one of venn_fit's further streams. The same call gives the same tensor.
venn_tensor venn_step_x(venn_step *s, const char *stream, const char *modality);
venn_tensor venn_step_labels(venn_step *s, const char *stream);

// The class of each place of a modality's batch [B, .., X..], i32 [B X..], by its target (venn_dataset_set_target); -1: of
// none.
venn_tensor venn_step_target(venn_step *s, const char *stream, const char *modality);
// Which classes each pair is of, f32 [B, C] of 1 and 0 (venn_dataset_set_tags); VENN_NONE, and no error, if the data have
// one class per pair.
venn_tensor venn_step_tags(venn_step *s, const char *stream);
// What a network says of each place, z [B, C, X..], as rows [B X.., C]; [B, C] stays as it is.
venn_tensor venn_step_place_rows(venn_step *s, venn_tensor z);

// In which mode a network is applied (nn.h). AUTO: training mode in a training step of which the network
// is not a frozen part, else evaluation mode.
typedef enum venn_step_mode { VENN_STEP_AUTO, VENN_STEP_EVAL, VENN_STEP_TRAIN } venn_step_mode;

// How a network is applied in a step; zeroed: the defaults.
typedef struct venn_step_apply_params {
    const venn_tensor
        *x;             // one per branch; NULL: the modalities that venn_fit gives for this network
    const char *stream; // without x: the stream to take them from; NULL: the main one
    venn_tap *taps;     // layers whose outputs are wanted as well (nn.h)
    size_t n_taps;
    int32_t set;         // of batch norms that have several (nn.h)
    venn_step_mode mode; // 0: AUTO
} venn_step_apply_params;

// Appends a network. Without x it must be the main network or among venn_fit's others. The logits of
// a frozen network that venn_fit caches, asked for with params NULL in a training step, come from the
// cache. The first application of the main network counts for the training accuracy.
venn_tensor venn_step_apply(venn_step *s, const venn_net *net,
                            const venn_step_apply_params *params);
// Appends it n times at once, run k by params[k]; they meet where `meeting` says (nn.h; may be NULL).
void venn_step_apply_abreast(venn_step *s, const venn_net *net, size_t n,
                             const venn_step_apply_params *params, const venn_meeting *meeting,
                             venn_tensor *y);
// Makes these logits [B, C] or [B, C, X..] of the main stream count for the training accuracy instead.
void venn_step_count(venn_step *s, venn_tensor logits);

// A scalar to be averaged over the epoch and reported under its name (static storage): "ce", "kd". Up to
// VENN_MAX_TERMS. VENN_NONE: a number that `epoch_end` puts in.
void venn_step_term(venn_step *s, const char *name, venn_tensor value);

// A number or array that the host writes before each step, in `feed`.
venn_tensor venn_step_scalar(venn_step *s, const char *name);
venn_tensor venn_step_input(venn_step *s, const char *name, venn_dtype dtype, venn_shape shape);

// Differentiates the scalar `loss` by the parameters of these networks (none given: of all that train,
// and of the variables that train), hands every gradient to the objective's `gradient`, and appends the
// optimizers' steps. Only for objectives with `build`; whatever is appended before sees the old
// parameters, whatever comes after the new ones.
void venn_step_minimize(venn_step *s, venn_tensor loss, size_t n_nets, const venn_net *const *nets);

// ---- While the program runs ------------------------------------------------------------------

// Handed to `feed` before each step.
typedef struct venn_step_feed {
    uint64_t step;           // steps done before, over the whole training
    uint64_t total;          // steps of the whole training
    uint32_t epoch, epochs;  // from 0
    uint64_t seed;           // of the training
    const venn_batch *batch; // of the main stream
    venn_program *program;
} venn_step_feed;

// Writes a venn_step_scalar; the memory of a venn_step_input, NULL if there is none of that name.
void venn_feed_scalar(const venn_step_feed *feed, const char *name, double value);
void *venn_feed_input(const venn_step_feed *feed, const char *name, size_t *bytes);

// Handed to `collect` after each step, in the order of steps.
typedef struct venn_step_result {
    uint64_t step;        // as in its feed
    const uint32_t *pair; // [batch]: numbers of the main stream's pairs
    uint32_t batch;
    venn_program *program;
    uint64_t ticket;
} venn_step_result;

// What the graph declared with venn_graph_output; valid until `collect` returns.
const void *venn_result_output(const venn_step_result *result, const char *name, size_t *bytes);

struct venn_metrics;

// ---- The objective ---------------------------------------------------------------------------

// Every function but one of `loss` and `build` may be NULL. The builders may be called several times for
// one training and must append the same nodes each time. What hooks keep on the host from step to step
// must lie in venn_fit's arrays, or an interrupted training would not go on as if it had not been.
typedef struct venn_objective {
    void *user;
    // Returns the scalar to minimise over everything that trains.
    venn_tensor (*loss)(void *user, venn_step *s);
    // Instead: the whole step, with as many venn_step_minimize as it takes. The loss that is reported is
    // the sum of what they minimise.
    void (*build)(void *user, venn_step *s);
    // What the optimizer gets instead of `gradient`, the loss's by `var`. VENN_NONE leaves var as it is.
    venn_tensor (*gradient)(void *user, venn_step *s, const venn_var *var, venn_tensor gradient);
    // Appended behind the optimizers: moving averages, queues. `guard` is the loss: ops that take one
    // change nothing where it is not finite.
    void (*after)(void *user, venn_step *s, venn_tensor guard);
    // Host side of every step. `feed` runs ahead of the steps before it, and `collect` after the step,
    // unless `lockstep`: then no step is fed before the one before it is collected.
    venn_status (*feed)(void *user, const venn_step_feed *feed);
    venn_status (*collect)(void *user, const venn_step_result *result);
    bool lockstep;
    // At the end of every epoch, after validation; may add to the metrics (venn_metrics_set).
    venn_status (*epoch_end)(void *user, struct venn_metrics *metrics);
    // The logits [B, C] that are evaluated, of data without labels; NULL: the main network's.
    venn_tensor (*predict)(void *user, venn_step *s);
    // Evaluates a split in its own way: *score takes the place of the accuracy, *loss may stay NaN.
    // Parameters are on the device. NULL: accuracy and cross-entropy of the predictions.
    venn_status (*score)(void *user, venn_split_id split, double *score, double *loss);
} venn_objective;

// Mean softmax cross-entropy of the main network against the labels, or, of [B, C, X..], against the classes of the
// places of its first modality, without those of no class; of data with tags, mean binary cross-entropy; reported as "ce".
venn_tensor venn_step_ce(venn_step *s, venn_tensor logits);
// The same, of a second network and not reported.
venn_tensor venn_step_wrong(venn_step *s, venn_tensor logits);
// Training without a teacher: the loss is venn_step_ce of the main network.
extern const venn_objective venn_objective_ce;

#ifdef __cplusplus
}
#endif
#endif

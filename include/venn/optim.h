// venn/optim.h: optimizers and learning-rate schedules. A venn_optim owns the state of a set of
// parameters (moments, step count). It appends its update nodes to a graph, where they run as part of
// the recorded program; the two numbers that change from step to step, the learning rate and the step
// number, are inputs of the program that it declares and fills.
//
//   venn_optim_create(&o, dev, &params, 1, &group);
//   venn_optim_minimize(o, g, loss);              // while building the graph
//   ... compile ...
//   venn_program_begin(p);                        // each step
//   venn_optim_feed(o, p, epoch);
//   venn_program_submit(p, &ticket);
//
// Several optimizers may serve one graph, and one optimizer several programs (two batch sizes, say);
// no two optimizers of one graph may have the same name.
#ifndef VENN_OPTIM_H
#define VENN_OPTIM_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Learning-rate schedules -----------------------------------------------------------------

// How the learning rate goes; p is explained below.
typedef enum venn_schedule_kind {
    VENN_SCHEDULE_CONSTANT,    // lr
    VENN_SCHEDULE_STEP,        // lr factor^floor(epoch / every)
    VENN_SCHEDULE_EXPONENTIAL, // lr factor^epoch
    VENN_SCHEDULE_LINEAR,      // from lr to lr end: lr (1 + (end - 1) p)
    VENN_SCHEDULE_COSINE       // from lr to lr end: lr (end + (1 - end) (1 + cos(pi p)) / 2)
} venn_schedule_kind;

// Steps and epochs count from 0. p is the share of the decay that is over:
// (step - warmup) / (total - warmup), held within [0, 1].
typedef struct venn_schedule {
    venn_schedule_kind kind;
    int32_t every;  // STEP: epochs between drops; 0: 1
    double factor;  // STEP, EXPONENTIAL: 0: 0.1
    int64_t total;  // LINEAR, COSINE: steps of the whole run, warm-up included; must exceed warmup
    double end;     // LINEAR, COSINE: share of lr that is left at the end
    int64_t warmup; // while step < warmup the rate is multiplied by (step + 1) / warmup; 0: none
} venn_schedule;

// The learning rate of a step. A pure function; `schedule` NULL: constant.
double venn_schedule_lr(const venn_schedule *schedule, double lr, int64_t step, int64_t epoch);
// VENN_BAD_ARG, naming the field, if a field makes no sense for its kind.
venn_status venn_schedule_check(const venn_schedule *schedule);
// "constant", "step", "exponential", "linear", "cosine".
const char *venn_schedule_kind_name(venn_schedule_kind kind);

// ---- Optimizers ------------------------------------------------------------------------------

// An optimizer with its state.
typedef struct venn_optim venn_optim;

// The formulas stand at venn_sgd and venn_adam (ops.h).
typedef enum venn_optim_kind {
    VENN_OPTIM_SGD,  // with momentum and Nesterov's variant
    VENN_OPTIM_ADAM, // weight decay as an L2 penalty in the gradient
    VENN_OPTIM_ADAMW // weight decay acts on the parameter itself
} venn_optim_kind;

// "sgd", "adam", "adamw".
const char *venn_optim_kind_name(venn_optim_kind kind);

// Zeroed: the defaults.
typedef struct venn_optim_params {
    const char *name; // copied; NULL: "optim"
    venn_optim_kind kind;
    double lr;              // 0: 0.01 for SGD, else 0.001
    venn_schedule schedule; // zeroed: constant
    float momentum;         // SGD; 0: none
    bool nesterov;          // SGD; needs momentum
    float beta1, beta2;     // Adam, AdamW; 0: 0.9 and 0.999; negative: exactly 0
    float eps;              // Adam, AdamW; 0: 1e-8
    float weight_decay;     // 0: none
    // All gradients are multiplied by min(1, clip_norm / (norm + 1e-6)), norm being the Euclidean
    // norm of the gradients of all parameters together; 0: no.
    float clip_norm;
    float clip_value; // then each element is held within +-clip_value; 0: no
    // Dynamic loss scaling, for gradients that pass through f16: what the loss is multiplied by at first (65536
    // is usual); 0: none. A step in which a gradient is infinite or NaN changes nothing and halves it, 2000
    // steps without one double it.
    float loss_scale;
} venn_optim_params;

// Parameters that are treated alike.
typedef struct venn_optim_group {
    venn_var *const *vars;
    size_t n;
    float lr_scale;     // factor of the learning rate; 0: 1
    float weight_decay; // 0: the optimizer's own; negative: none
    bool frozen;        // never changed, no state, and no part of the norm
} venn_optim_group;

// The variables must be f32, of `device`, each given once, and must outlive the optimizer; the arrays
// are copied. params may be NULL. VENN_BAD_ARG names the field that makes no sense.
venn_status venn_optim_create(venn_optim **out, venn_device *device,
                              const venn_optim_params *params, size_t n_groups,
                              const venn_optim_group *groups);
// After the programs that hold its steps. Takes the handle's address, sets it to NULL, accepts NULL.
void venn_optim_destroy(venn_optim **optim);

// The parameters, in the order of the groups.
size_t venn_optim_n_vars(const venn_optim *optim);
venn_var *venn_optim_var(const venn_optim *optim, size_t i);

// Appends one step for every parameter that is not frozen. grads[i] is the gradient of
// venn_optim_var(i), of its shape; VENN_NONE: this parameter stays as it is, decay included. Nothing is
// updated in a run in which `guard`, a scalar (mostly the loss) or VENN_NONE, or the norm that
// clip_norm asks for, is infinite or NaN: parameters and state keep their last good values.
// Append everything that needs the old parameters first, the gradients of other optimizers as well.
// Several steps in one graph follow each other in the order of the calls; they share the learning rate
// and the step number.
// Errors are the graph's sticky error; VENN_BAD_ARG (not sticky) if there is nothing to update at all.
venn_status venn_optim_step(venn_optim *optim, venn_graph *g, const venn_tensor *grads,
                            venn_tensor guard);
// Differentiates the scalar `loss` by all parameters that are not frozen and appends the step, with
// the loss as guard. Its nodes are of the phases "backward" and "optimizer" (venn_graph_phase).
venn_status venn_optim_minimize(venn_optim *optim, venn_graph *g, venn_tensor loss);

// For those who take the gradients themselves and call venn_optim_step: the present scale, to be given to
// venn_graph_gradients as dy (VENN_NONE without loss scaling), and then the way back, which divides grads by
// it and returns the guard for the step. Both once for every loss, before anything is updated.
venn_tensor venn_optim_loss_scale(const venn_optim *optim, venn_graph *g);
venn_tensor venn_optim_unscale(venn_optim *optim, venn_graph *g, venn_tensor scale,
                               venn_tensor loss, size_t n, venn_tensor *grads);

// Between venn_program_begin and venn_program_submit of a program that holds a step of this optimizer:
// writes the learning rate and the number of the step to be run, and counts it. VENN_BAD_ARG if the
// program holds no step of it.
venn_status venn_optim_feed(venn_optim *optim, venn_program *program, int64_t epoch);
// The learning rate that the next feed would write.
double venn_optim_lr(const venn_optim *optim, int64_t epoch);

// ---- State, for checkpoints ------------------------------------------------------------------

// The state variables: "<parameter>.velocity" for SGD with momentum, "<parameter>.m" and
// "<parameter>.v" for Adam, "<optimizer>.loss_scale" [2]: the scale and how many steps it has held. Together with the step count they are all that resuming needs.
size_t venn_optim_n_states(const venn_optim *optim);
venn_var *venn_optim_state(const venn_optim *optim, size_t i);
// The parameter whose state that is; NULL for the loss scale.
const venn_var *venn_optim_state_of(const venn_optim *optim, size_t i);
// Steps that were fed so far; and setting them, as of a checkpoint.
int64_t venn_optim_steps(const venn_optim *optim);
void venn_optim_set_steps(venn_optim *optim, int64_t steps);
// Back to the beginning: zero state, zero steps. Compiled programs stay valid.
venn_status venn_optim_reset(venn_optim *optim);

#ifdef __cplusplus
}
#endif
#endif

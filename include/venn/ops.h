// venn/ops.h: the ops. Each call appends one node to a graph and returns its value, or VENN_NONE with
// the graph's error set if the operands do not fit (graph.h). Types are f32 unless said otherwise.
//
// Letters in shapes: B batch, C channels or classes, H W height and width, K T D free; [..] row-major.
// Params structs: NULL or a zeroed struct gives the defaults; each field's comment says what 0 means.
// `venn op NAME --help` prints the same from the op's own table.
#ifndef VENN_OPS_H
#define VENN_OPS_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Elementwise -----------------------------------------------------------------------------

// y = max(x, 0). x any shape. dx = dy where x > 0, else 0 (at 0: 0).
venn_tensor venn_relu(venn_graph *g, venn_tensor x);

// y = a + b with NumPy broadcasting: shapes are aligned at the last axis, extents equal or 1.
venn_tensor venn_add(venn_graph *g, venn_tensor a, venn_tensor b);

// A constant of the given shape.
venn_tensor venn_fill(venn_graph *g, venn_shape shape, float value);

// ---- Shape -----------------------------------------------------------------------------------

// ---- Reductions ------------------------------------------------------------------------------

// ---- Linear ----------------------------------------------------------------------------------

// ---- Convolution and pooling -----------------------------------------------------------------

// ---- Normalisation and noise -----------------------------------------------------------------

// ---- Softmax and losses ----------------------------------------------------------------------

// ---- Metrics ---------------------------------------------------------------------------------

// ---- Optimizer steps -------------------------------------------------------------------------

// These change variables in place and return nothing; mostly one lets a venn_optim (optim.h) append
// them. Order matters: append a step after everything that needs the old parameters, the gradients
// above all. Common operands:
//   w           the parameter, a variable of any shape; dw its gradient and the state arrays, alike
//   lr          scalar, the learning rate of this step
//   guard       scalar or VENN_NONE: if it is infinite or NaN (a bad loss), nothing is updated
//   grad_scale  scalar or VENN_NONE (1): factor of dw; not finite: nothing is updated
// Below, d = clamp(grad_scale dw, -clip_value, +clip_value). None is differentiable.

typedef struct venn_sgd_params {
    float momentum;      // 0: plain steps without velocity
    bool nesterov;       // needs momentum
    float weight_decay;  // L2 penalty; 0: none
    float lr_scale;      // factor of lr for this parameter; 0: 1
    float clip_value;    // 0: gradients are not clamped
} venn_sgd_params;

// velocity = momentum velocity + d + weight_decay w;  w -= lr lr_scale velocity. With nesterov
// w -= lr lr_scale (d + weight_decay w + momentum velocity). velocity: a variable, zero at first, or
// VENN_NONE if momentum is 0.
void venn_sgd(venn_graph *g, venn_tensor w, venn_tensor dw, venn_tensor velocity, venn_tensor lr,
              venn_tensor guard, venn_tensor grad_scale, const venn_sgd_params *params);

typedef struct venn_adam_params {
    float beta1;         // decay of the mean; 0: 0.9, negative: beta1 = 0
    float beta2;         // decay of the mean square; 0: 0.999, negative: beta2 = 0
    float eps;           // 0: 1e-8
    float weight_decay;  // 0: none
    bool decoupled;      // AdamW: w -= lr weight_decay w; else weight_decay w is added to d
    float lr_scale;      // factor of lr for this parameter; 0: 1
    float clip_value;    // 0: gradients are not clamped
} venn_adam_params;

// m = beta1 m + (1 - beta1) d;  v = beta2 v + (1 - beta2) d^2;
// w -= lr lr_scale (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps). m and v: variables, zero at
// first. t: scalar f32, the number of this step, 1 for the first.
void venn_adam(venn_graph *g, venn_tensor w, venn_tensor dw, venn_tensor m, venn_tensor v,
               venn_tensor lr, venn_tensor t, venn_tensor guard, venn_tensor grad_scale,
               const venn_adam_params *params);

// y = acc + the sum of squares of all elements of the n tensors x, of any shapes, as a scalar. acc: a
// scalar, or VENN_NONE for 0. Not differentiable. n = 0 gives acc.
venn_tensor venn_sum_squares(venn_graph *g, venn_tensor acc, size_t n, const venn_tensor *x);

typedef struct venn_clip_factor_params {
    float max_norm;  // 0: 1
} venn_clip_factor_params;

// y = min(1, max_norm / (sqrt(s) + 1e-6)), the factor that clips gradients whose squares sum to the
// scalar s to the norm max_norm; NaN if s is not finite. Not differentiable.
venn_tensor venn_clip_factor(venn_graph *g, venn_tensor s, float max_norm);

#ifdef __cplusplus
}
#endif
#endif

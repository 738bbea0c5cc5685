// venn/ops.h: the ops. Each call appends one node to a graph and returns its value, or VENN_NONE with
// the graph's error set if the operands do not fit (graph.h). Types are f32 unless said otherwise; most ops
// take f16 and bf16 instead (`venn op NAME --help` says which): they compute in f32 and store y in the type
// of the first operand, losses in f32, gradients in the type of what they are the gradient of.
//
// Letters in shapes: B batch, C channels or classes, H W height and width, K T D free; [..] row-major.
// Params structs: NULL or a zeroed struct gives the defaults; each field's comment says what 0 means.
// `venn op NAME --help` prints the same from the op's own table.
#ifndef VENN_OPS_H
#define VENN_OPS_H

#include "venn/graph.h"
#include "venn/ops_loss.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Elementwise -----------------------------------------------------------------------------

// y = max(x, 0). x any shape. dx = dy where x > 0, else 0 (at 0: 0).
venn_tensor venn_relu(venn_graph *g, venn_tensor x);

// y = 1 / (1 + e^-x). x any shape. dx = y (1 - y) dy.
venn_tensor venn_sigmoid(venn_graph *g, venn_tensor x);

// y = tanh x. x any shape. dx = (1 - y^2) dy.
venn_tensor venn_tanh(venn_graph *g, venn_tensor x);

// How the normal distribution function is computed.
typedef enum venn_gelu_form {
    VENN_GELU_NONE, // exact
    VENN_GELU_TANH  // Phi(x) = (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2
} venn_gelu_form;

typedef struct venn_gelu_params {
    venn_gelu_form approximate; // 0: exact
} venn_gelu_params;

// y = x Phi(x), Phi the standard normal distribution function. x any shape.
// dx = (Phi(x) + x Phi'(x)) dy. params may be NULL.
venn_tensor venn_gelu(venn_graph *g, venn_tensor x, const venn_gelu_params *params);

// y = scale x + shift. x any shape. dx = scale dy.
venn_tensor venn_scale(venn_graph *g, venn_tensor x, float scale, float shift);

// The ops of two operands broadcast as NumPy does: shapes are aligned at their last axes, and an extent
// of 1, or a missing leading axis, repeats. Gradients are summed over what was repeated.

// y = a + b. da = db = dy.
venn_tensor venn_add(venn_graph *g, venn_tensor a, venn_tensor b);

// y = a - b. da = dy, db = -dy.
venn_tensor venn_sub(venn_graph *g, venn_tensor a, venn_tensor b);

// y = a b, element by element. da = b dy, db = a dy.
venn_tensor venn_mul(venn_graph *g, venn_tensor a, venn_tensor b);

// y = value at every element of the given shape; extents up to 2^31 - 1. No gradient.
venn_tensor venn_fill(venn_graph *g, venn_shape shape, float value);

// y = x stored as `dtype`: f32, f16 or bf16, rounded to nearest, ties to even; beyond the type's range to
// infinity. Gives x itself if it is stored so. dx = dy, stored as x is.
venn_tensor venn_cast(venn_graph *g, venn_tensor x, venn_dtype dtype);

// y = x, but a constant to differentiation: whatever x depends on gets no gradient through y. Shares
// x's memory, costs nothing.
venn_tensor venn_stop_gradient(venn_graph *g, venn_tensor x);

// ---- Shape -----------------------------------------------------------------------------------

// y = x under another shape of as many elements; one extent may be -1: it is worked out. Shares x's
// memory, costs nothing. Gives x itself if it has that shape. dx = dy under x's shape.
venn_tensor venn_reshape(venn_graph *g, venn_tensor x, venn_shape shape);

typedef struct venn_transpose_params {
    int32_t perm[VENN_MAX_RANK]; // y's axis i is x's axis perm[i]; all 0: the last two axes swap
} venn_transpose_params;

// y[i0, i1, ..] = x[j0, j1, ..] where j[perm[k]] = i[k]: any permutation of x's axes. Fastest where
// the axes that move have extents that are multiples of 4. dx = dy with the inverse permutation.
// params may be NULL.
venn_tensor venn_transpose(venn_graph *g, venn_tensor x, const venn_transpose_params *params);

// y = x[0], x[1], .. x[n-1] one behind the other along `axis` (negative: from the last); n from 1 to
// 12 operands of equal shapes but for the extent at the axis. dx[i] = the part of dy that x[i] fills.
venn_tensor venn_concat(venn_graph *g, size_t n, const venn_tensor *x, int axis);

// y = x[.., start : start + length, ..] along `axis`. Negative axis: from the last; negative start: from
// the axis' end; length 0: all that follow start. dx = dy there, else 0.
venn_tensor venn_slice(venn_graph *g, venn_tensor x, int axis, int64_t start, int64_t length);

// y = x repeated to `shape` by the rule of broadcasting. Gives x itself if it has that shape.
// dx = dy summed over what was repeated.
venn_tensor venn_broadcast_to(venn_graph *g, venn_tensor x, venn_shape shape);

// ---- Reductions ------------------------------------------------------------------------------

// Over which axes.
typedef struct venn_reduce_params {
    int32_t axes;  // bit i: reduce over axis i; 0: over all axes
    bool keepdims; // reduced axes stay, with extent 1; 0: they go
} venn_reduce_params;

// Sums are made in one fixed order, the same in every run. params may be NULL: a scalar comes out.

// y = sum of x over the axes; 0 over no elements. dx = dy, repeated.
venn_tensor venn_sum(venn_graph *g, venn_tensor x, const venn_reduce_params *params);

// y = sum of x over the axes / m, m the number of elements in each sum; m must not be 0.
// dx = dy / m, repeated.
venn_tensor venn_mean(venn_graph *g, venn_tensor x, const venn_reduce_params *params);

// y = x summed to `shape`, which must broadcast to x's: undoes broadcasting. Gives x itself if it has
// that shape. dx = dy, repeated.
venn_tensor venn_sum_to(venn_graph *g, venn_tensor x, venn_shape shape);

// ---- Linear ----------------------------------------------------------------------------------

// What an op may apply to its result on the way out; cheaper than an op of its own.
typedef enum venn_activation {
    VENN_ACT_NONE,
    VENN_ACT_RELU,    // max(y, 0)
    VENN_ACT_SIGMOID, // 1 / (1 + e^-y)
    VENN_ACT_TANH
} venn_activation;

typedef struct venn_matmul_params {
    bool trans_a;        // a holds [.., K, M]; 0: [.., M, K]
    bool trans_b;        // b holds [.., N, K]; 0: [.., K, N]
    venn_activation act; // applied last; 0: none
} venn_matmul_params;

// y[.., i, j] = act(sum over k of a[.., i, k] b[.., k, j] + bias[j]), with a and b transposed in their
// last two axes where params say so. a [.., M, K], b [.., K, N], bias [N] or VENN_NONE; y [.., M, N].
// The leading axes of a and b must be equal (one product each), or b has none and serves all (not with
// trans_a). K = 0 gives act(bias). A linear layer with weights [out, in] is trans_b.
// With dz = dy act'(y): da = dz b^T, db = a^T dz, dbias = sum of dz over all axes but the last.
venn_tensor venn_matmul(venn_graph *g, venn_tensor a, venn_tensor b, venn_tensor bias,
                        const venn_matmul_params *params);

// ---- Convolution and pooling -----------------------------------------------------------------

typedef struct venn_conv2d_params {
    int32_t stride[2];   // height, width; 0: 1
    int32_t pad[2];      // zeros around x on each side; 0: none
    int32_t dilation[2]; // pixels between neighbouring taps; 0: 1
    int32_t groups;      // channels of x and y are cut in so many independent groups; 0: 1
    venn_activation act; // applied last; 0: none
} venn_conv2d_params;

// Cross-correlation, as every framework calls convolution. x [B, C, H, W], w [K, C / groups, kh, kw],
// bias [K] or VENN_NONE; y [B, K, OH, OW] with OH = floor((H + 2 pad - dilation (kh - 1) - 1) / stride)
// + 1 and OW alike, both at least 1.
//   y[b, k, h, w] = act(bias[k] + sum over c, i, j of
//                       w[k, c, i, j] x[b, g + c, h stride - pad + i dilation, w stride - pad + j dilation])
// where g is the first channel of k's group and x is 0 outside. Stride, pad and dilation times kernel up
// to 65,535. With dz = dy act'(y), dx and dw are the same sum taken over the other operands with dz;
// dbias = sum of dz over b, h, w.
venn_tensor venn_conv2d(venn_graph *g, venn_tensor x, venn_tensor w, venn_tensor bias,
                        const venn_conv2d_params *params);

// Windows of venn_max_pool2d and venn_avg_pool2d.
typedef struct venn_pool2d_params {
    int32_t kernel[2]; // height and width of the window; 0: 1
    int32_t stride[2]; // pixels from one window to the next; 0: the kernel (no overlap)
    int32_t pad[2];    // pixels around x on each side, at most half the kernel; 0: none
    bool relu;         // max only: y = max(y, 0), which is what pooling relu(x) gives; 0: no
} venn_pool2d_params;

// x [B, C, H, W] -> y [B, C, OH, OW] with OH = floor((H + 2 pad - kernel) / stride) + 1 and OW alike, both
// at least 1: what is left over at the far edges is not pooled.

// y = the greatest element of each window; padding never wins. Of equals the first in scan order counts:
// dx = sum of dy over the windows that chose this element. A NaN wins over everything. With `relu` a
// window without a positive element gives 0 and chooses none.
venn_tensor venn_max_pool2d(venn_graph *g, venn_tensor x, const venn_pool2d_params *params);

// y = sum of each window / (kernel height * width); padding counts as zeros.
// dx = sum of dy over the windows that hold this element / (kernel height * width).
venn_tensor venn_avg_pool2d(venn_graph *g, venn_tensor x, const venn_pool2d_params *params);

// y[b, c] = mean of x[b, c, ..]; x [B, C, H, W] with H, W at least 1, y [B, C]. dx = dy / (H W).
venn_tensor venn_global_avg_pool(venn_graph *g, venn_tensor x);

// ---- Normalisation and noise -----------------------------------------------------------------

// y = x / (1 - p) with probability 1 - p, else 0, independently for each element; 0 <= p < 1; for
// training (leave it out otherwise). Draws from venn_graph_rng in a stream of its own: the same key and
// step give the same y. dx = dy / (1 - p) where x was kept, else 0; nothing is stored for it.
venn_tensor venn_dropout(venn_graph *g, venn_tensor x, float p);

// Normalisation is in ops_norm.h.

// ---- Softmax ---------------------------------------------------------------------------------

// Rows: along the last axis of x [.., C]; all leading extents together count the rows, B of them. Every
// row is shifted by its maximum first, so no finite logit overflows. A row that holds NaN or +infinity,
// or nothing but -infinity, gives NaN.

// y[b,c] = e^x[b,c] / sum_k e^x[b,k]. dx = y (dy - sum_k y[b,k] dy[b,k]).
venn_tensor venn_softmax(venn_graph *g, venn_tensor x);

// y[b,c] = x[b,c] - log sum_k e^x[b,k]. dx = dy - e^y sum_k dy[b,k].
venn_tensor venn_log_softmax(venn_graph *g, venn_tensor x);

// ---- Metrics ---------------------------------------------------------------------------------

// y[b] = index of the largest x[b,c], the lowest if several are; i32. x [.., C] with C >= 1, y [..]. NaN
// never wins; a row without anything above -infinity gives 0. Not differentiable.
venn_tensor venn_argmax(venn_graph *g, venn_tensor x);

// Number of rows b with argmax(x[b]) = label[b], i32 []. x [.., C] with C >= 1, label i32 [..]; the share of
// right rows is the host's division. Not differentiable.
venn_tensor venn_accuracy(venn_graph *g, venn_tensor x, venn_tensor label);

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
    float momentum;     // 0: plain steps without velocity
    bool nesterov;      // needs momentum
    float weight_decay; // L2 penalty; 0: none
    float lr_scale;     // factor of lr for this parameter; 0: 1
    float clip_value;   // 0: gradients are not clamped
} venn_sgd_params;

// velocity = momentum velocity + d + weight_decay w;  w -= lr lr_scale velocity. With nesterov
// w -= lr lr_scale (d + weight_decay w + momentum velocity). velocity: a variable, zero at first, or
// VENN_NONE if momentum is 0.
void venn_sgd(venn_graph *g, venn_tensor w, venn_tensor dw, venn_tensor velocity, venn_tensor lr,
              venn_tensor guard, venn_tensor grad_scale, const venn_sgd_params *params);

typedef struct venn_adam_params {
    float beta1;        // decay of the mean; 0: 0.9, negative: beta1 = 0
    float beta2;        // decay of the mean square; 0: 0.999, negative: beta2 = 0
    float eps;          // 0: 1e-8
    float weight_decay; // 0: none
    bool decoupled;     // AdamW: w -= lr weight_decay w; else weight_decay w is added to d
    float lr_scale;     // factor of lr for this parameter; 0: 1
    float clip_value;   // 0: gradients are not clamped
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
    float max_norm; // 0: 1
} venn_clip_factor_params;

// y = min(1, max_norm / (sqrt(s) + 1e-6)), the factor that clips gradients whose squares sum to the
// scalar s to the norm max_norm; NaN if s is not finite. Not differentiable.
venn_tensor venn_clip_factor(venn_graph *g, venn_tensor s, float max_norm);

typedef struct venn_loss_scale_params {
    int32_t interval; // 0: 2000
} venn_loss_scale_params;

// What a loss is multiplied by so that its gradients do not vanish in f16. state: a variable [2], the scale and
// how many finite s there were in a row. After `interval` of them the scale is doubled; after an s that is
// infinite or NaN it is halved; it stays within 1 and 2^24.
void venn_loss_scale(venn_graph *g, venn_tensor state, venn_tensor s,
                     const venn_loss_scale_params *params);

#ifdef __cplusplus
}
#endif

#include "venn/ops_index.h"
#include "venn/ops_norm.h"
#include "venn/ops_sequence.h"
#include "venn/ops_random.h"
#include "venn/ops_math.h"

#include "venn/ops_conv.h"
#endif

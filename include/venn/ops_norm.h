// venn/ops_norm.h: normalisation. Part of ops.h, whose head says what holds for all ops.
#ifndef VENN_OPS_NORM_H
#define VENN_OPS_NORM_H

#include "venn/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

// Whose statistics normalise.
typedef enum venn_batch_norm_mode {
    VENN_BATCH_NORM_TRAIN, // normalise by the batch's statistics and update the running ones
    VENN_BATCH_NORM_EVAL   // normalise by the running statistics, change nothing
} venn_batch_norm_mode;

typedef struct venn_batch_norm_params {
    venn_batch_norm_mode mode; // 0: train
    float eps;                 // 0: 1e-5
    float momentum;            // weight m of the batch in the running statistics, in [0, 1]; 0: 0.1
    int32_t set;               // row of running statistics [S, C]
} venn_batch_norm_params;

// Per channel c of x [B, C, ...]: y = (x - mean) invstd gamma + beta, invstd = 1 / sqrt(var + eps), over the
// N = B * (...) elements of the channel. gamma, beta: [C]. running_mean, running_var: [C], or [S, C], of which
// row `set` is used: one network for several modalities, each with statistics of its own.
// Train: mean and var are the batch's (var = sum (x - mean)^2 / N, computed about the mean), and the run
// changes the running variables in place: running_mean = (1 - m) running_mean + m mean,
// running_var = (1 - m) running_var + m sum (x - mean)^2 / max(N - 1, 1); N = 0 leaves them, and so
// does a channel whose mean or variance is not finite: after a batch with NaN they are what they were. running_mean and
// running_var must be variables. Eval: mean = running_mean, var = running_var.
// statistics, if not NULL, gets {mean, invstd}, [C] each, as used; they are differentiable values too.
// dbeta = sum dy; dgamma = sum dy xhat, xhat = (x - mean) invstd; dx = gamma invstd dy in eval mode,
// gamma invstd (dy - (dbeta + xhat dgamma) / N) in train mode. params may be NULL.
venn_tensor venn_batch_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            venn_tensor running_mean, venn_tensor running_var,
                            const venn_batch_norm_params *params, venn_tensor statistics[2]);

// The others normalise rows of x, pieces of one sample, and so know no batch: y = xhat gamma + beta with xhat =
// (x - mean) invstd, invstd = 1 / sqrt(var + eps), mean and var = mean of (x - mean)^2 being the row's own. Gamma and
// beta may be VENN_NONE: 1 and 0. With h = dy gamma and means over the row,
// dx = invstd (h - mean(h) - xhat mean(h xhat)); dgamma = sum dy xhat, dbeta = sum dy, over all that share
// the value. The variance is computed about the mean. params may be NULL but for group_norm.

typedef struct venn_layer_norm_params {
    float eps; // 0: 1e-5
} venn_layer_norm_params;

// Rows along the last axis. x [.., D], gamma, beta [D], each for itself optional.
venn_tensor venn_layer_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            const venn_layer_norm_params *params);

typedef struct venn_rms_norm_params {
    float eps; // 0: 2^-23, the distance from 1 to the next number
} venn_rms_norm_params;

// y = x gamma / sqrt(mean(x^2) + eps) along the last axis: as layer_norm with the mean left at 0, and no
// beta. x [.., D], gamma [D] or VENN_NONE.
venn_tensor venn_rms_norm(venn_graph *g, venn_tensor x, venn_tensor gamma,
                          const venn_rms_norm_params *params);

typedef struct venn_group_norm_params {
    int32_t groups; // must divide C; no default
    float eps;      // 0: 1e-5
} venn_group_norm_params;

// Rows are the C / groups neighbouring channels of a group in one sample. x [B, C, ...]; gamma, beta [C].
venn_tensor venn_group_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                            const venn_group_norm_params *params);

typedef struct venn_instance_norm_params {
    float eps; // 0: 1e-5
} venn_instance_norm_params;

// Rows are the channels of one sample. x [B, C, ...] with at least one axis behind C; gamma, beta [C]. As
// group_norm with C groups.
venn_tensor venn_instance_norm(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                               const venn_instance_norm_params *params);

#ifdef __cplusplus
}
#endif
#endif

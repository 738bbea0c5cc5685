// venn/ops_math.h: functions of elements, reductions, distances. A part of venn/ops.h, whose head holds
// here too.
#ifndef VENN_OPS_MATH_H
#define VENN_OPS_MATH_H

#include "venn/ops.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Functions of each element ---------------------------------------------------------------

// x has any shape, y the same. All pass NaN through. Errors are a few units in the last place on every
// device, whatever its driver makes of exp and log.

// y = e^x. dx = y dy.
venn_tensor venn_exp(venn_graph *g, venn_tensor x);

// y = e^x - 1, also near 0. dx = e^x dy.
venn_tensor venn_expm1(venn_graph *g, venn_tensor x);

// y = ln x; -infinity at 0, NaN below. dx = dy / x.
venn_tensor venn_log(venn_graph *g, venn_tensor x);

// y = ln(1 + x), also near 0. dx = dy / (1 + x).
venn_tensor venn_log1p(venn_graph *g, venn_tensor x);

// y = square root of x; NaN below 0. dx = dy / (2 y); at 0, where that is infinite: 0.
venn_tensor venn_sqrt(venn_graph *g, venn_tensor x);

// y = x^exponent: 1 for exponent 0; NaN for finite x < 0 unless the exponent is whole.
// dx = exponent x^(exponent - 1) dy, 0 for exponent 0 whatever x.
venn_tensor venn_pow(venn_graph *g, venn_tensor x, float exponent);

// y = |x|. dx = sign(x) dy (at 0: 0).
venn_tensor venn_abs(venn_graph *g, venn_tensor x);

// y = 1 where x > 0, -1 where x < 0, else x. Not differentiable.
venn_tensor venn_sign(venn_graph *g, venn_tensor x);

// y = min where x < min, max where x > max, else x; either may be infinite. dx = dy where
// min <= x <= max, else 0.
venn_tensor venn_clamp(venn_graph *g, venn_tensor x, float min, float max);

typedef struct venn_softplus_params {
    float beta;      // sharpness; 0: 1
    float threshold; // y = x where beta x is above; 0: 20
} venn_softplus_params;

// y = ln(1 + e^(beta x)) / beta, or x above the threshold. dx = dy / (1 + e^(-beta x)), or dy. params
// may be NULL.
venn_tensor venn_softplus(venn_graph *g, venn_tensor x, const venn_softplus_params *params);

typedef struct venn_leaky_relu_params {
    float slope; // of the negative side; 0: 0.01
} venn_leaky_relu_params;

// y = x where x > 0, else slope x. dx = dy where x > 0, else slope dy. params may be NULL.
venn_tensor venn_leaky_relu(venn_graph *g, venn_tensor x, const venn_leaky_relu_params *params);

// y = x s with s = 1 / (1 + e^-x), also called swish. dx = (s + x s (1 - s)) dy.
venn_tensor venn_silu(venn_graph *g, venn_tensor x);

// y = x / (1 + |x|). dx = dy / (1 + |x|)^2.
venn_tensor venn_softsign(venn_graph *g, venn_tensor x);

// y = x^2. dx = 2 x dy.
venn_tensor venn_square(venn_graph *g, venn_tensor x);

// y = 1 / x. dx = -dy / x^2.
venn_tensor venn_reciprocal(venn_graph *g, venn_tensor x);

typedef struct venn_smoothed_relu_params {
    float power; // q > 1, of the bent part; 0: 4
    float bend;  // b > 0, where the straight part begins; 0: 1/3
} venn_smoothed_relu_params;

// y = 0 for x <= 0, x^q / (q b^(q - 1)) up to b, x - (1 - 1 / q) b above: a rectifier without a kink.
// dx = 0, (x / b)^(q - 1) dy, dy. params may be NULL.
venn_tensor venn_smoothed_relu(venn_graph *g, venn_tensor x,
                               const venn_smoothed_relu_params *params);

// ---- Functions of two elements ---------------------------------------------------------------

// With broadcasting, as venn_add; gradients are summed over what was repeated.

// y = a / b. da = dy / b, db = -dy a / b^2.
venn_tensor venn_div(venn_graph *g, venn_tensor a, venn_tensor b);

// y = the larger of a and b, NaN if one is. dy goes to the larger; of equals each gets a half,
// and with NaN both get all of it.
venn_tensor venn_maximum(venn_graph *g, venn_tensor a, venn_tensor b);

// y = the smaller of a and b, NaN if one is. dy goes to the smaller; of equals each gets a half,
// and with NaN both get all of it.
venn_tensor venn_minimum(venn_graph *g, venn_tensor a, venn_tensor b);

// y = a^b, as venn_pow. da = dy b a^(b - 1), 0 where b = 0; db = dy y ln a, 0 where a = 0 and b >= 0.
venn_tensor venn_power(venn_graph *g, venn_tensor a, venn_tensor b);

// y = 1 where a = b, a > b, a >= b, else 0 (so where one is NaN). Not differentiable.
venn_tensor venn_equal(venn_graph *g, venn_tensor a, venn_tensor b);
venn_tensor venn_greater(venn_graph *g, venn_tensor a, venn_tensor b);
venn_tensor venn_greater_equal(venn_graph *g, venn_tensor a, venn_tensor b);

// y = a where the condition is not 0, else b; all three broadcast. What is not chosen does no harm, be it
// NaN. da = dy where it was chosen, else 0; db alike; no gradient reaches the condition. Fastest where a
// or b has y's shape.
venn_tensor venn_where(venn_graph *g, venn_tensor condition, venn_tensor a, venn_tensor b);

// ---- Reductions ------------------------------------------------------------------------------

// Over the axes that params (ops.h) name, NULL: all. There must be elements along them.

// y = the largest element, or the smallest; NaN if one is NaN. dy in equal shares to all elements that
// are y.
venn_tensor venn_max(venn_graph *g, venn_tensor x, const venn_reduce_params *over);
venn_tensor venn_min(venn_graph *g, venn_tensor x, const venn_reduce_params *over);

// y = product, 1 of no elements. dx = dy times the product of the others.
venn_tensor venn_prod(venn_graph *g, venn_tensor x, const venn_reduce_params *over);

// y = sum of (x - mean)^2 / m, m the number of elements, or / (m - 1) where unbiased; and its root.
// dx = 2 (x - mean) / m dy; of the root, (x - mean) / (m y) dy, 0 where y = 0; m - 1 for m alike.
venn_tensor venn_variance(venn_graph *g, venn_tensor x, const venn_reduce_params *over,
                          bool unbiased);
venn_tensor venn_std(venn_graph *g, venn_tensor x, const venn_reduce_params *over, bool unbiased);

// y = ln(sum of e^x), also where e^x overflows. dx = e^(x - y) dy.
venn_tensor venn_logsumexp(venn_graph *g, venn_tensor x, const venn_reduce_params *over);

// y = sum of x from the first element along `axis` (negative: from the last axis) up to this one, or
// reverse: from this one to the last. dx = the same of dy, the other way round.
venn_tensor venn_cumsum(venn_graph *g, venn_tensor x, int axis, bool reverse);

// y = the root of the sum of x^2 over the axes. dx = x dy / y, 0 where y = 0.
venn_tensor venn_norm(venn_graph *g, venn_tensor x, const venn_reduce_params *over);

// ---- Directions and distances ----------------------------------------------------------------

// y = x / max(|x|, eps), |x| the norm over `axes` (bit i: over axis i; 0: over all), eps 0: 1e-12.
// dx = (dy - y sum of y dy) / |x|; dy / eps where |x| < eps.
venn_tensor venn_l2_normalize(venn_graph *g, venn_tensor x, int axes, float eps);

// y = sum of a b over the axes / (max(|a|, eps) max(|b|, eps)), a and b of one shape, eps 0: 1e-8. Of
// [B, C, H, W], axes = 2 compares pixels, 14 samples as a whole. da = (b / |b| - y a / |a|) dy / |a|,
// without the second part where |a| < eps; db alike.
venn_tensor venn_cosine_similarity(venn_graph *g, venn_tensor a, venn_tensor b,
                                   const venn_reduce_params *over, float eps);

// How far apart two rows a and b are.
typedef enum venn_metric {
    VENN_METRIC_EUCLIDEAN, // |a - b|
    VENN_METRIC_SQUARED,   // |a - b|^2
    VENN_METRIC_COSINE     // 1 - cos(a, b), of norms of at least 1e-12
} venn_metric;

typedef struct venn_pairwise_distance_params {
    venn_metric metric; // 0: euclidean
} venn_pairwise_distance_params;

// y[.., i, j] = distance of a[.., i, :] and b[.., j, :]. a [.., N, D], b [.., M, D] with the same leading
// axes, or VENN_NONE: among a's rows; y [.., N, M]. Made of differences, not of products: near rows are told
// apart as well as far ones. Gradients are 0 where a euclidean distance is. params may be NULL.
venn_tensor venn_pairwise_distance(venn_graph *g, venn_tensor a, venn_tensor b,
                                   const venn_pairwise_distance_params *params);

// ---- Matrices --------------------------------------------------------------------------------

typedef struct venn_covariance_params {
    bool centred;  // take the mean of the rows off first; 0: x as it is
    bool unbiased; // divide by N - 1; 0: by N
} venn_covariance_params;

// y = x^T x / N. x [.., N, D], y [.., D, D]. dx = x (dy + dy^T) / N. params may be NULL.
venn_tensor venn_covariance(venn_graph *g, venn_tensor x, const venn_covariance_params *params);

// y = left x right, or complement: x - left x right; x [M, N], right [N, N], left [M, M], of which one
// may be VENN_NONE: the identity. With projectors: the rows of x in a subspace, the columns, or both; as a
// complement, a gradient that leaves alone what a subspace has learnt. dx = left^T dy right^T.
venn_tensor venn_project(venn_graph *g, venn_tensor x, venn_tensor right, venn_tensor left,
                         bool complement);

// y = a + s u v^T. a [M, N], u [M], v [N]; s [], or VENN_NONE: `factor`, 0 of which stands for 1.
// da = dy, du = s dy v, dv = s dy^T u, ds = u^T dy v.
venn_tensor venn_rank1_update(venn_graph *g, venn_tensor a, venn_tensor u, venn_tensor v,
                              venn_tensor s, float factor);

// ---- Between modalities ----------------------------------------------------------------------

// y = x, but dx = -lambda dy: what lies before is trained to make things worse for what lies behind.
// lambda [] or VENN_NONE: then `constant`, 0 of which stands for 1. Shares x's memory.
venn_tensor venn_gradient_reversal(venn_graph *g, venn_tensor x, venn_tensor lambda,
                                   float constant);

// y = x / (1 + e^-opening), x let through as far as the gate is open; the two broadcast.
// dx = s dy, dopening = x s (1 - s) dy with s = 1 / (1 + e^-opening).
venn_tensor venn_gate(venn_graph *g, venn_tensor x, venn_tensor opening);

typedef struct venn_film_params {
    bool around_one; // the factor is 1 + gamma; 0: gamma
} venn_film_params;

// Feature-wise linear modulation: y[b,c,..] = gamma[b,c] x[b,c,..] + beta[b,c]. x [B, C, ..]; gamma and
// beta [B, C], or [C] for all samples. dx = gamma dy; dgamma = sum of x dy, dbeta = sum of dy. params may
// be NULL.
venn_tensor venn_film(venn_graph *g, venn_tensor x, venn_tensor gamma, venn_tensor beta,
                      const venn_film_params *params);

// For x [B, C, ..] and numbers per channel [C]: `chosen` is 1 for the channels meant and 0 for the others.

// y[b,c,..] = x[b,c,..] where |gamma[c]| >= threshold, else other[b,c,..]: a channel whose scale has
// vanished takes the other modality's. x and other of one shape. dx and dother = dy in their channels;
// none reaches gamma.
venn_tensor venn_channel_exchange(venn_graph *g, venn_tensor x, venn_tensor other,
                                  venn_tensor gamma, float threshold);

// Three ways to take away what channels say. y = x in the channels that are not chosen; in those that are,
// y = 0. dx = 0 there.
venn_tensor venn_channel_zero(venn_graph *g, venn_tensor x, venn_tensor chosen);
// y = the mean of the channel over the batch and all its places. dx = the mean of dy there.
venn_tensor venn_channel_mean_fill(venn_graph *g, venn_tensor x, venn_tensor chosen);
// y[b] = x[order[b]], order i32 [B], a permutation of the batch; 0 where it is out of range. dx = dy, put
// back where it came from.
venn_tensor venn_channel_permute(venn_graph *g, venn_tensor x, venn_tensor order,
                                 venn_tensor chosen);

#ifdef __cplusplus
}
#endif
#endif

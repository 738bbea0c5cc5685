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

// y = x^exponent: 1 for exponent 0; NaN for x < 0 unless the exponent is a whole number.
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

#ifdef __cplusplus
}
#endif
#endif

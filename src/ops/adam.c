// adam: d = clamp(grad_scale dw) + weight_decay w (decoupled: w -= lr weight_decay w instead)
//       m = beta1 m + (1 - beta1) d;  v = beta2 v + (1 - beta2) d^2
//       w -= lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)
#include <math.h>
#include <stddef.h>

#include "ops/step.h"
#include "venn/ops.h"

#define VENN_HOST
#include "adam.comp"

enum { W, DW, M, V, LR, T, GUARD, GRAD_SCALE, N_IN };

static const venn_param_def params[] = {
    {"beta1", VENN_PARAM_FLOAT, offsetof(venn_adam_params, beta1),
     .doc = "decay of the mean; 0: 0.9, negative: no mean, beta1 = 0"},
    {"beta2", VENN_PARAM_FLOAT, offsetof(venn_adam_params, beta2),
     .doc = "decay of the mean square; 0: 0.999, negative: beta2 = 0"},
    {"eps", VENN_PARAM_FLOAT, offsetof(venn_adam_params, eps), .doc = "added to the root; 0: 1e-8"},
    {"weight_decay", VENN_PARAM_FLOAT, offsetof(venn_adam_params, weight_decay),
     .doc = "weight decay; 0: none"},
    {"decoupled", VENN_PARAM_BOOL, offsetof(venn_adam_params, decoupled),
     .doc = "1: AdamW, decay acts on w itself; 0: Adam, weight_decay w is added to the gradient"},
    {"lr_scale", VENN_PARAM_FLOAT, offsetof(venn_adam_params, lr_scale),
     .doc = "factor of lr for this parameter; 0: 1"},
    {"clip_value", VENN_PARAM_FLOAT, offsetof(venn_adam_params, clip_value),
     .doc = "gradients are clamped to +-clip_value; 0: no"},
    {0},
};

// The params with the defaults put in.
static venn_adam_params resolve(const venn_node *n)
{
    venn_adam_params p = *(const venn_adam_params *)n->params;
    p.beta1 = p.beta1 == 0 ? 0.9f : fmaxf(p.beta1, 0);
    p.beta2 = p.beta2 == 0 ? 0.999f : fmaxf(p.beta2, 0);
    p.eps = p.eps == 0 ? 1e-8f : p.eps;
    p.lr_scale = p.lr_scale == 0 ? 1 : p.lr_scale;
    return p;
}

static bool shape(venn_node *n)
{
    venn_adam_params p = resolve(n);
    if (!(p.beta1 < 1 && p.beta2 < 1))
        return venn_node_error(n, "beta1 and beta2 must be below 1, got %g and %g", (double)p.beta1,
                               (double)p.beta2);
    return venn_step_shape(n, LR);
}

// ln(beta), finite for beta = 0: beta^t is then 0 for every t that counts.
static float log_beta(float beta)
{
    return beta > 0 ? (float)log(beta) : -1000;
}

static const uint32_t updated = 1u << W | 1u << M | 1u << V;

static void record(venn_recorder *r, const venn_node *n)
{
    venn_adam_params p = resolve(n);
    venn_push_adam push = {.count = (uint32_t)n->in[W]->count,
                           .beta1 = p.beta1,
                           .beta2 = p.beta2,
                           .log_beta1 = log_beta(p.beta1),
                           .log_beta2 = log_beta(p.beta2),
                           .eps = p.eps,
                           .l2 = p.decoupled ? 0 : p.weight_decay,
                           .decay = p.decoupled ? p.weight_decay : 0,
                           .lr_scale = p.lr_scale,
                           .clip_value = p.clip_value};
    venn_step_record(r, n, "adam.step", updated, 0, &push, sizeof push);
}

static void ref(const venn_ref *r)
{
    venn_adam_params p = resolve(r->node);
    double scale, rate = r->x[LR][0] * p.lr_scale, t = r->x[T][0];
    double correct1 = 1 - pow(p.beta1, t), correct2 = 1 - pow(p.beta2, t);
    if (!venn_step_ref_scale(r, &scale)) {
        venn_step_ref_keep(r, updated);
        return;
    }
    for (int64_t i = 0; i < r->node->in[W]->count; i++) {
        double w = r->x[W][i];
        double d = venn_step_ref_gradient(r, i, scale, p.clip_value);
        if (p.decoupled)
            w -= rate * p.weight_decay * w;
        else
            d += p.weight_decay * w;
        double m = p.beta1 * r->x[M][i] + (1.0 - p.beta1) * d;
        double v = p.beta2 * r->x[V][i] + (1.0 - p.beta2) * d * d;
        r->updated[M][i] = m;
        r->updated[V][i] = v;
        r->updated[W][i] = w - rate * (m / correct1) / (sqrt(v / correct2) + p.eps);
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_step_cost(n, cost, LR, 16);
}

const venn_op_desc venn_op_adam = {
    .name = "adam",
    .summary = "m, v = moving means of dw, dw^2; w -= lr m' / (sqrt(v') + eps), bias-corrected",
    .inputs = {{"w", VENN_F32, VENN_ANY, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"dw", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"m", VENN_F32, VENN_ANY, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"v", VENN_F32, VENN_POSITIVE, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"lr", VENN_F32, VENN_POSITIVE, VENN_IN_NO_GRAD},
               {"t", VENN_F32, VENN_POSITIVE, VENN_IN_NO_GRAD},
               {"guard", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"grad_scale", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 0,
    .flat = LR,
    .params_size = sizeof(venn_adam_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
};

void venn_adam(venn_graph *g, venn_tensor w, venn_tensor dw, venn_tensor m, venn_tensor v,
               venn_tensor lr, venn_tensor t, venn_tensor guard, venn_tensor grad_scale,
               const venn_adam_params *p)
{
    venn_tensor in[N_IN] = {w, dw, m, v, lr, t, guard, grad_scale};
    venn_op_apply(g, &venn_op_adam, in, N_IN, p, NULL);
}

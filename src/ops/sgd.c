// sgd: d = clamp(grad_scale dw) + weight_decay w;  v = momentum v + d
//      w -= lr lr_scale (v, or with Nesterov d + momentum v, or without momentum d)
#include <stddef.h>

#include "ops/step.h"
#include "venn/ops.h"

#define VENN_HOST
#include "sgd.comp"

enum { W, DW, VELOCITY, LR, GUARD, GRAD_SCALE, N_IN };
enum { NESTEROV = 4 }; // SGD_NESTEROV of sgd.comp

static const venn_param_def params[] = {
    {"momentum", VENN_PARAM_FLOAT, offsetof(venn_sgd_params, momentum),
     .doc = "share of the old velocity that stays; 0: plain steps without velocity"},
    {"nesterov", VENN_PARAM_BOOL, offsetof(venn_sgd_params, nesterov),
     .doc = "look one momentum step ahead; 0: no"},
    {"weight_decay", VENN_PARAM_FLOAT, offsetof(venn_sgd_params, weight_decay),
     .doc = "weight_decay w is added to the gradient; 0: none"},
    {"lr_scale", VENN_PARAM_FLOAT, offsetof(venn_sgd_params, lr_scale),
     .doc = "factor of lr for this parameter; 0: 1"},
    {"clip_value", VENN_PARAM_FLOAT, offsetof(venn_sgd_params, clip_value),
     .doc = "gradients are clamped to +-clip_value; 0: no"},
    {0},
};

static uint32_t updates(const venn_node *n)
{
    return 1u << W | (n->in[VELOCITY] ? 1u << VELOCITY : 0);
}

static float lr_scale(const venn_sgd_params *p)
{
    return p->lr_scale != 0 ? p->lr_scale : 1;
}

static bool shape(venn_node *n)
{
    const venn_sgd_params *p = n->params;
    if ((p->momentum != 0) != (n->in[VELOCITY] != NULL))
        return venn_node_error(n, "momentum needs a velocity, and a velocity needs momentum");
    if (p->nesterov && p->momentum == 0)
        return venn_node_error(n, "nesterov needs momentum");
    return venn_step_shape(n, LR);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_sgd_params *p = n->params;
    venn_push_sgd push = {.count = (uint32_t)n->in[W]->count,
                          .momentum = p->momentum,
                          .weight_decay = p->weight_decay,
                          .lr_scale = lr_scale(p),
                          .clip_value = p->clip_value};
    const char *stem = n->in[VELOCITY] ? "sgd.momentum" : "sgd.plain";
    venn_step_record(r, n, stem, updates(n), p->nesterov ? NESTEROV : 0, &push, sizeof push);
}

static void ref(const venn_ref *r)
{
    const venn_sgd_params *p = r->node->params;
    double scale, rate = r->x[LR][0] * lr_scale(p), momentum = p->momentum;
    if (!venn_step_ref_scale(r, &scale)) {
        venn_step_ref_keep(r, updates(r->node));
        return;
    }
    for (int64_t i = 0; i < r->node->in[W]->count; i++) {
        double w = r->x[W][i];
        double d = venn_step_ref_gradient(r, i, scale, p->clip_value) + p->weight_decay * w;
        if (r->x[VELOCITY]) {
            double v = momentum * r->x[VELOCITY][i] + d;
            r->updated[VELOCITY][i] = v;
            d = p->nesterov ? d + momentum * v : v;
        }
        r->updated[W][i] = w - rate * d;
    }
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_step_cost(n, cost, LR, n->in[VELOCITY] ? 6 : 4);
}

const venn_op_desc venn_op_sgd = {
    .name = "sgd",
    .summary = "velocity = momentum velocity + dw + weight_decay w; w -= lr velocity",
    .inputs = {{"w", VENN_F32, VENN_ANY, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"dw", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"velocity", VENN_F32, VENN_ANY,
                VENN_IN_UPDATE | VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"lr", VENN_F32, VENN_POSITIVE, VENN_IN_NO_GRAD},
               {"guard", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"grad_scale", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 0,
    .flat = LR,
    .params_size = sizeof(venn_sgd_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
    .updates = updates,
};

void venn_sgd(venn_graph *g, venn_tensor w, venn_tensor dw, venn_tensor velocity, venn_tensor lr,
              venn_tensor guard, venn_tensor grad_scale, const venn_sgd_params *p)
{
    venn_tensor in[N_IN] = {w, dw, velocity, lr, guard, grad_scale};
    venn_op_apply(g, &venn_op_sgd, in, N_IN, p, NULL);
}

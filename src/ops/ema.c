// ema: average = m average + (1 - m) value, in place
//      not differentiable
#include <math.h>

#include "ops/step.h"
#include "venn/ops.h"

#define VENN_HOST
#include "ema.comp"

// The last two stand where the steps have theirs (step.h): the scheduled m in the place of a scale.
enum { AVERAGE, VALUE, GUARD, MOMENTUM, N_IN };

static const venn_param_def params[] = {
    {"momentum", VENN_PARAM_FLOAT, offsetof(venn_ema_params, momentum), 1, NULL,
     "m, the share of the old average that stays; 0: 0.999, negative: m = 0"},
    {0}};

static float momentum_of(const venn_node *n)
{
    const float m = ((const venn_ema_params *)n->params)->momentum;
    return m == 0 ? 0.999f : m < 0 ? 0 : m;
}

static bool shape(venn_node *n)
{
    if (!(momentum_of(n) <= 1))
        return venn_node_error(n, "momentum = %g is above 1", (double)momentum_of(n));
    return venn_step_shape(n, GUARD);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_push_ema push = {(uint32_t)n->in[AVERAGE]->count, momentum_of(n)};
    venn_step_record(r, n, "ema.forward", 1u << AVERAGE, 0, &push, sizeof push);
}

static void ref(const venn_ref *r)
{
    double m;
    if (!venn_step_ref_scale(r, &m)) {
        venn_step_ref_keep(r, 1u << AVERAGE);
        return;
    }
    if (!r->x[MOMENTUM])
        m = momentum_of(r->node);
    for (int64_t i = 0; i < r->node->in[AVERAGE]->count; i++)
        r->updated[AVERAGE][i] = m * r->x[AVERAGE][i] + (1 - m) * r->x[VALUE][i];
}

static void cost(const venn_node *n, venn_cost *cost)
{
    venn_step_cost(n, cost, GUARD, 3);
}

const venn_op_desc venn_op_ema = {
    .name = "ema",
    .summary = "average = m average + (1 - m) value",
    .inputs = {{"average", VENN_F32, VENN_ANY, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"value", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD},
               {"guard", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD},
               {"momentum", VENN_F32, VENN_ANY, VENN_IN_OPTIONAL | VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 0,
    .flat = GUARD,
    .params_size = sizeof(venn_ema_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
    .half = VENN_HALF_TO_F32,
};

void venn_ema(venn_graph *g, size_t n, const venn_tensor *average, const venn_tensor *value,
              venn_tensor guard, venn_tensor momentum, const venn_ema_params *p)
{
    for (size_t i = 0; i < n; i++) {
        venn_tensor in[N_IN] = {average[i], value[i], guard, momentum};
        venn_op_apply(g, &venn_op_ema, in, N_IN, p, NULL);
    }
}

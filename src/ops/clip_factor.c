// clip_factor: y = min(1, max_norm / (sqrt(s) + 1e-6)); NaN where s is infinite or NaN
//              s is the sum of the squares of all gradients; y is what they are to be multiplied by.
#include <math.h>
#include <stddef.h>

#include "graph/op.h"
#include "venn/ops.h"

#define VENN_HOST
#include "clip_factor.comp"

static const venn_param_def params[] = {
    {"max_norm", VENN_PARAM_FLOAT, offsetof(venn_clip_factor_params, max_norm),
     .doc = "the norm to clip to; 0: 1"},
    {0},
};

static float max_norm(const venn_node *n)
{
    const venn_clip_factor_params *p = n->params;
    return p->max_norm != 0 ? p->max_norm : 1;
}

static bool shape(venn_node *n)
{
    if (n->in[0]->count != 1)
        return venn_node_error(n, "s must be a scalar");
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    venn_push_clip_factor push = {max_norm(n)};
    venn_dispatch d = {.kernel = "clip_factor",
                       .spec = {1},
                       .n_spec = 1,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2,
                       .groups = {1, 1, 1}};
    venn_record_dispatch(r, &d);
}

static void ref(const venn_ref *r)
{
    double s = r->x[0][0];
    r->y[0][0] = isfinite(s) ? fmin(1, max_norm(r->node) / (sqrt(s) + 1e-6)) : NAN;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    (void)n;
    *cost = (venn_cost){.flops = 3, .bytes = 8};
}

const venn_op_desc venn_op_clip_factor = {
    .name = "clip_factor",
    .summary = "y = min(1, max_norm / (sqrt(s) + 1e-6))",
    .inputs = {{"s", VENN_F32, VENN_POSITIVE, VENN_IN_NO_GRAD}},
    .n_inputs = 1,
    .n_outputs = 1,
    .params_size = sizeof(venn_clip_factor_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
};

venn_tensor venn_clip_factor(venn_graph *g, venn_tensor s, float norm)
{
    venn_clip_factor_params p = {.max_norm = norm};
    return venn_op_apply(g, &venn_op_clip_factor, &s, 1, &p, NULL);
}

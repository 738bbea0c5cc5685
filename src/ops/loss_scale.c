// loss_scale: state = {scale, good}. Where s is finite, good counts one more, and at `interval` the scale is
//             doubled and good begins anew; where it is not, the scale is halved and good begins anew.
// By powers of two, so that scaling by it and back changes no bit but where numbers leave their range.
#include <math.h>
#include <stddef.h>

#include "graph/op.h"
#include "venn/ops.h"

#define VENN_HOST
#include "loss_scale.comp"

enum { STATE, S, N_IN };

static const venn_param_def params[] = {
    {"interval", VENN_PARAM_INT, offsetof(venn_loss_scale_params, interval),
     .doc = "finite sums in a row until the scale is doubled; 0: 2000"},
    {0},
};

static int32_t interval(const venn_node *n)
{
    const venn_loss_scale_params *p = n->params;
    return p->interval ? p->interval : 2000;
}

static bool shape(venn_node *n)
{
    const venn_shape two = VENN_SHAPE(2);
    if (!venn_shape_equal(&n->in[STATE]->shape, &two) || n->in[S]->count != 1)
        return venn_node_error(n, "state must be [2], and s a scalar");
    if (interval(n) < 1)
        return venn_node_error(n, "interval = %d is not positive", (int)interval(n));
    return true;
}

static void record(venn_recorder *r, const venn_node *n)
{
    const venn_push_loss_scale push = {(float)interval(n)};
    const venn_dispatch d = {.kernel = "loss_scale",
                             .spec = {1},
                             .n_spec = 1,
                             .push = &push,
                             .push_size = sizeof push,
                             .bind = {{n->in[STATE], VENN_UPDATE}, {n->in[S], VENN_READ}},
                             .n_bind = 2,
                             .groups = {1, 1, 1}};
    venn_record_dispatch(r, &d);
}

static void ref(const venn_ref *r)
{
    const bool good = isfinite(r->x[S][0]);
    const double count = good ? r->x[STATE][1] + 1 : 0;
    const bool grows = count >= interval(r->node);
    const double factor = !good ? 0.5 : grows ? 2 : 1;
    r->updated[STATE][0] = fmin(fmax(r->x[STATE][0] * factor, 1), ldexp(1, 24));
    r->updated[STATE][1] = grows ? 0 : count;
}

static void cost(const venn_node *n, venn_cost *cost)
{
    (void)n;
    *cost = (venn_cost){.flops = 2, .bytes = 20};
}

const venn_op_desc venn_op_loss_scale = {
    .name = "loss_scale",
    .summary = "scale doubled after many finite s, halved after one that is not",
    .inputs = {{"state", VENN_F32, VENN_POSITIVE, VENN_IN_UPDATE | VENN_IN_NO_GRAD},
               {"s", VENN_F32, VENN_ANY, VENN_IN_NO_GRAD}},
    .n_inputs = N_IN,
    .n_outputs = 0,
    .params_size = sizeof(venn_loss_scale_params),
    .params = params,
    .shape = shape,
    .record = record,
    .ref = ref,
    .cost = cost,
};

void venn_loss_scale(venn_graph *g, venn_tensor state, venn_tensor s,
                     const venn_loss_scale_params *p)
{
    venn_op_apply(g, &venn_op_loss_scale, (venn_tensor[]){state, s}, N_IN, p, NULL);
}

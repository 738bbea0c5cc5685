// dropout: y = x / (1 - p) where u >= p, else 0, u ~ U[0, 1) for each element
//          dx = dy / (1 - p) where u >= p, else 0, u drawn again: nothing is stored
#define VENN_HOST
#include "base/rng.h"
#include "graph/op.h"
#include "dropout.comp"
#include "venn/ops.h"

typedef struct dropout_params {
    float p;
} dropout_params;

enum { DROPOUT_VEC = 2 }; // as in dropout.comp

// The gradient's node draws from the stream of the node that it belongs to.
typedef struct backward_params {
    float p;
    uint32_t stream;
} backward_params;

static float factor(float p)
{
    return 1.0f / (1.0f - p);
}

static bool shape(venn_node *n)
{
    const dropout_params *params = n->params;
    if (!(params->p >= 0 && params->p < 1))
        return venn_node_error(n, "p = %g is not in [0, 1)", (double)params->p);
    if (n->in[1]->count != 4)
        return venn_node_error(n, "rng must be the tensor of venn_graph_rng");
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, n->in[0]->shape);
    return true;
}

static void launch(venn_recorder *r, const venn_node *n, float p, uint32_t stream)
{
    const venn_profile *profile = venn_recorder_profile(r);
    const int64_t count = n->in[0]->count;
    venn_push_dropout push = {(uint32_t)count, stream, p, factor(p)};
    venn_dispatch d = {
        .kernel = profile->texel_loads ? "dropout.forward.texel" : "dropout.forward",
        .spec = {profile->elementwise_group},
        .n_spec = 1,
        .push = &push,
        .push_size = sizeof push,
        .bind = {{n->in[0], VENN_READ}, {n->in[1], VENN_READ}, {n->out[0], VENN_WRITE}},
        .n_bind = 3,
        .trips = DROPOUT_VEC * 10};
    venn_groups_linear(r, count, (int64_t)profile->elementwise_group * 4 * DROPOUT_VEC, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    launch(r, n, ((const dropout_params *)n->params)->p, n->stream);
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const backward_params *params = n->params;
    launch(r, n, params->p, params->stream);
}

static void cost(const venn_node *n, venn_cost *out)
{
    out->flops = (double)n->out[0]->count;
    out->bytes = 8.0 * (double)n->out[0]->count;
}

static const venn_op_desc dropout_backward = {
    .name = "dropout.backward",
    .summary = "dx = dy / (1 - p) where u >= p, else 0",
    .inputs = {{"dy"}, {"rng", VENN_I32, VENN_RNG, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(backward_params),
    .shape = backward_shape,
    .record = record_backward,
    .cost = cost,
};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    backward_params params = {((const dropout_params *)n->params)->p, n->stream};
    dx[0] = venn_op_apply(g, &dropout_backward, (venn_tensor[]){dy[0], venn_in(n, 1)}, 2, &params,
                          NULL);
}

static uint64_t join(double low, double high)
{
    return (uint32_t)(int64_t)low | (uint64_t)(uint32_t)(int64_t)high << 32;
}

// out[i] = in[i] / (1 - p) or 0.
static void drop(const venn_ref *r, const double *in, double *out)
{
    const venn_node *n = r->node;
    const float p = ((const dropout_params *)n->params)->p;
    const double *state = r->x[1];
    venn_rng rng = venn_rng_make(join(state[0], state[1]), join(state[2], state[3]), n->stream);
    for (int64_t i = 0; i < n->out[0]->count; i++)
        out[i] = venn_rng_unit(venn_rng_u32(&rng)) >= p ? in[i] * factor(p) : 0;
}

static void ref(const venn_ref *r)
{
    drop(r, r->x[0], r->y[0]);
}

static void ref_grad(const venn_ref *r)
{
    drop(r, r->dy[0], r->dx[0]);
}

static const venn_param_def params_def[] = {
    {"p", VENN_PARAM_FLOAT, offsetof(dropout_params, p), 1, NULL,
     "probability of dropping an element, in [0, 1); 0: keep all"},
    {0}};

const venn_op_desc venn_op_dropout = {
    .name = "dropout",
    .summary = "y = x / (1 - p) with probability 1 - p, else 0",
    .inputs = {{"x"}, {"rng", VENN_I32, VENN_RNG, VENN_IN_NO_GRAD}},
    .n_inputs = 2,
    .n_outputs = 1,
    .params_size = sizeof(dropout_params),
    .params = params_def,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_dropout(venn_graph *g, venn_tensor x, float p)
{
    dropout_params params = {p};
    return venn_op_apply(g, &venn_op_dropout, (venn_tensor[]){x, venn_graph_rng(g)}, 2, &params,
                         NULL);
}

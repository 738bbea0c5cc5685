// global_avg_pool: y[b, c] = mean of x[b, c, ..]
//                  dx[b, c, ..] = dy[b, c] / (H W)
#include "ops/gemm.h"
#include "venn/ops.h"

#define VENN_HOST
#include "global_avg_pool.comp"
#undef VENN_HOST

enum { GROUP = 64, UNROLL = 8 }; // global_avg_pool.comp

static int64_t plane_of(const venn_shape *x)
{
    return x->dim[2] * x->dim[3];
}

static bool shape(venn_node *n)
{
    const venn_shape *x = &n->in[0]->shape;
    if (x->rank != 4 || plane_of(x) < 1)
        return venn_node_error(n, "x must be [B, C, H, W] with H, W of at least 1");
    venn_node_output(n, 0, VENN_F32, venn_shape_make(x->dim, 2));
    return true;
}

static void launch(venn_recorder *r, const venn_node *n, const char *kernel, int64_t plane,
                   int64_t count, int64_t per_invocation, uint64_t trips)
{
    venn_push_global_avg_pool push = {.count = (uint32_t)count};
    VENN_SET_DIVISOR(&push, plane, (uint32_t)plane);
    venn_dispatch d = {.kernel = kernel,
                       .spec = {GROUP, plane % 4 == 0},
                       .n_spec = 2,
                       .push = &push,
                       .push_size = sizeof push,
                       .bind = {{n->in[0], VENN_READ}, {n->out[0], VENN_WRITE}},
                       .n_bind = 2,
                       .trips = trips};
    venn_groups_linear(r, count, GROUP * per_invocation, d.groups);
    venn_record_dispatch(r, &d);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const int64_t plane = plane_of(&n->in[0]->shape);
    const bool texel = venn_recorder_profile(r)->texel_loads;
    launch(r, n, texel ? "global_avg_pool.forward.texel" : "global_avg_pool.forward", plane,
           n->out[0]->count, 1, (uint64_t)(plane / (4 * UNROLL) + 1));
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const venn_value *x = n->in[0]->count > n->out[0]->count ? n->in[0] : n->out[0];
    cost->flops = (double)x->count;
    cost->bytes = 4.0 * (double)(n->in[0]->count + n->out[0]->count);
}

// Params: x's shape.
static bool backward_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, *(const venn_shape *)n->params);
    return true;
}

static void backward_record(venn_recorder *r, const venn_node *n)
{
    const bool texel = venn_recorder_profile(r)->texel_loads;
    launch(r, n, texel ? "global_avg_pool.backward.texel" : "global_avg_pool.backward",
           plane_of(&n->out[0]->shape), n->out[0]->count, 4, 0);
}

static const venn_op_desc backward = {.name = "global_avg_pool.backward",
                                      .summary = "dx = dy / (H W)",
                                      .inputs = {{"dy"}},
                                      .n_inputs = 1,
                                      .n_outputs = 1,
                                      .params_size = sizeof(venn_shape),
                                      .shape = backward_shape,
                                      .record = backward_record,
                                      .cost = cost};

static void gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                     venn_tensor *dx)
{
    (void)need;
    dx[0] = venn_op_apply(g, &backward, dy, 1, &n->in[0]->shape, NULL);
}

static void ref(const venn_ref *r)
{
    const int64_t plane = plane_of(&r->node->in[0]->shape);
    for (int64_t i = 0; i < r->node->out[0]->count; i++) {
        double sum = 0;
        for (int64_t j = 0; j < plane; j++)
            sum += r->x[0][i * plane + j];
        r->y[0][i] = sum / (double)plane;
    }
}

static void ref_grad(const venn_ref *r)
{
    const int64_t plane = plane_of(&r->node->in[0]->shape);
    for (int64_t i = 0; i < r->node->in[0]->count; i++)
        r->dx[0][i] = r->dy[0][i / plane] / (double)plane;
}

const venn_op_desc venn_op_global_avg_pool = {
    .name = "global_avg_pool",
    .summary = "y [B, C] = mean of x [B, C, H, W] over H and W",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = shape,
    .record = record,
    .gradient = gradient,
    .ref = ref,
    .ref_grad = ref_grad,
    .cost = cost,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_global_avg_pool(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_op_global_avg_pool, &x, 1, NULL, NULL);
}

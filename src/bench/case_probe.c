#include <string.h>

#include "bench/case_probe.h"
#include "ops/unary.h"

// ---- pass ------------------------------------------------------------------------------------

static bool pass_shape(venn_node *n)
{
    venn_node_output(n, 0, n->in[0]->dtype, n->in[0]->shape);
    return true;
}

static void pass_record(venn_recorder *r, const venn_node *n)
{
    uint64_t bytes = (uint64_t)n->in[0]->count * venn_dtype_size(n->in[0]->dtype);
    if (n->in[0]->dtype == n->out[0]->dtype)
        venn_record_copy(r, n->out[0], 0, n->in[0], 0, bytes);
    else // a gradient that a cast wants in the type of what it cast
        venn_unary_record(r, n, "cast.forward");
}

static void pass_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                          venn_tensor *dx)
{
    (void)n;
    (void)need;
    dx[0] = venn_probe_pass_apply(g, dy[0]);
}

static void pass_ref(const venn_ref *r)
{
    memcpy(r->y[0], r->x[0], (size_t)r->node->out[0]->count * sizeof(double));
}

static void pass_ref_grad(const venn_ref *r)
{
    memcpy(r->dx[0], r->dy[0], (size_t)r->node->out[0]->count * sizeof(double));
}

const venn_op_desc venn_probe_pass = {
    .name = "probe_pass",
    .summary = "y = x",
    .inputs = {{"x"}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = pass_shape,
    .record = pass_record,
    .gradient = pass_gradient,
    .ref = pass_ref,
    .ref_grad = pass_ref_grad,
    .half = VENN_HALF_LIKE_FIRST,
};

venn_tensor venn_probe_pass_apply(venn_graph *g, venn_tensor x)
{
    return venn_op_apply(g, &venn_probe_pass, &x, 1, NULL, NULL);
}

// ---- join ------------------------------------------------------------------------------------

static bool join_shape(venn_node *n)
{
    venn_node_output(n, 0, VENN_F32, VENN_SCALAR);
    return true;
}

static void join_record(venn_recorder *r, const venn_node *n)
{
    venn_record_fill(r, n->out[0], 0);
}

static void join_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy, uint32_t need,
                          venn_tensor *dx)
{
    (void)g;
    (void)dy;
    for (int k = 0; k < n->n_in / 2; k++)
        if (need >> k & 1)
            dx[k] = venn_in(n, n->n_in / 2 + k);
}

static void join_ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    double sum = 0;
    for (int k = 0; k < n->n_in / 2; k++)
        for (int64_t i = 0; i < n->in[k]->count; i++)
            sum += r->x[k][i] * r->x[n->n_in / 2 + k][i];
    r->y[0][0] = sum;
}

static void join_ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int k = 0; k < n->n_in / 2; k++)
        for (int64_t i = 0; r->dx[k] && i < n->in[k]->count; i++)
            r->dx[k][i] = r->x[n->n_in / 2 + k][i] * r->dy[0][0];
}

const venn_op_desc venn_probe_join = {
    .name = "probe_join",
    .summary = "L = sum y r",
    .inputs = {{"y", .flags = VENN_IN_VARIADIC}},
    .n_inputs = 1,
    .n_outputs = 1,
    .shape = join_shape,
    .record = join_record,
    .gradient = join_gradient,
    .ref = join_ref,
    .ref_grad = join_ref_grad,
    .half = VENN_HALF_TO_F32,
};

// The passes of a convolution as nodes of a graph, for gradients (see conv2d_pass.h).
#include <assert.h>
#include <string.h>

#include "ops/conv2d_pass.h"
#include "ops/gemm.h"
#include "venn/ops.h"

typedef struct pass_params {
    venn_conv conv;
    venn_conv_pass pass;
} pass_params;

static_assert(sizeof(pass_params) <= VENN_JOIN_PARAMS, "params of joined nodes");

static bool shape(venn_node *n)
{
    const pass_params *p = n->params;
    const venn_conv *o = &p->conv;
    const int64_t y[] = {o->batch, o->groups * o->k, o->out[0], o->out[1]};
    const int64_t x[] = {o->batch, o->groups * o->c, o->in[0], o->in[1]};
    const int64_t w[] = {o->groups * o->k, o->c, o->kernel[0], o->kernel[1]};
    const int64_t *const result[] = {
        [VENN_CONV_FORWARD] = y, [VENN_CONV_DATA] = x, [VENN_CONV_WEIGHT] = w};
    venn_node_output(n, 0, VENN_F32, venn_shape_make(result[p->pass], 4));
    return true;
}

static uint64_t workspace(const venn_profile *profile, const venn_node *n)
{
    const pass_params *p = n->params;
    return venn_conv_workspace(profile, &p->conv, p->pass);
}

static void record(venn_recorder *r, const venn_node *n)
{
    const pass_params *p = n->params;
    const venn_value *const in[] = {n->in[0], n->in[1]};
    venn_conv2d_record(r, n, &p->conv, p->pass, in, NULL, VENN_ACT_NONE);
}

static void cost(const venn_node *n, venn_cost *cost)
{
    const pass_params *p = n->params;
    venn_conv_pass_cost(&p->conv, cost);
}

// The bias's gradient is the sum of what the weight gradient reads.
static bool join(const venn_profile *profile, const venn_node *guest, venn_node *host, void *params)
{
    pass_params *p = memcpy(params, host->params, sizeof *p);
    if (p->pass != VENN_CONV_WEIGHT || guest->op != &venn_gemm_bias_op || p->conv.sums_dy)
        return false;
    const venn_value *dz = guest->in[0], *dy = host->in[0];
    if (*(const int *)guest->params != 1 || venn_value_root(dz) != venn_value_root(dy) ||
        !venn_shape_equal(&dz->shape, &dy->shape) || !venn_conv_can_sum_dy(profile, &p->conv))
        return false;
    p->conv.sums_dy = true;
    host->out[1] = guest->out[0];
    host->n_out = 2;
    return true;
}

#define PASS(pass_name, text, first, second)                                                       \
    {                                                                                              \
        .name = (pass_name), .summary = (text), .inputs = {{first}, {second}}, .n_inputs = 2,      \
        .n_outputs = 1, .params_size = sizeof(pass_params), .shape = shape,                        \
        .workspace = workspace, .record = record, .cost = cost, .join = join                       \
    }

venn_tensor venn_conv_pass_apply(venn_graph *g, const venn_conv *o, venn_conv_pass pass,
                                 venn_tensor a, venn_tensor b)
{
    static const venn_op_desc desc[] = {
        [VENN_CONV_FORWARD] = PASS("conv2d.forward", "y of conv2d", "w", "x"),
        [VENN_CONV_DATA] = PASS("conv2d.data", "dx of conv2d", "w", "dy"),
        [VENN_CONV_WEIGHT] = PASS("conv2d.weight", "dw of conv2d", "dy", "x")};
    const venn_tensor in[] = {a, b};
    const pass_params params = {*o, pass};
    return venn_op_apply(g, &desc[pass], in, 2, &params, NULL);
}

// Ops that are a function of two elements (see binary.h), by shaders/lib/binary_function.glsl.
#include <stdio.h>

#include "ops/binary.h"
#include "venn/ops.h"

// Of the backward op, which all functions share.
typedef struct slope_params {
    const venn_op_desc *op; // the function's
    int32_t by;             // which operand the slope is taken by
} slope_params;

static const venn_binary *binary_of(const venn_op_desc *op)
{
    return op->family;
}

static void launch(venn_recorder *r, const venn_node *n, const venn_op_desc *op, const char *pass)
{
    char stem[48];
    snprintf(stem, sizeof stem, "%s.%s", op->name, pass);
    venn_binary_record(r, n, stem);
}

void venn_binary_function_record(venn_recorder *r, const venn_node *n)
{
    launch(r, n, n->op, "forward");
}

static void record_backward(venn_recorder *r, const venn_node *n)
{
    const slope_params *p = n->params;
    launch(r, n, p->op, p->by ? "backward_b" : "backward_a");
}

static void cost_backward(const venn_node *n, venn_cost *cost)
{
    venn_binary_cost(n, cost);
    cost->bytes += 4.0 * (double)n->in[2]->count;
    cost->flops *= binary_of(((const slope_params *)n->params)->op)->flops;
}

static bool backward_element(const venn_node *n, venn_element *e)
{
    const slope_params *p = n->params;
    *e = (venn_element){
        .shader = p->op->name, .function = "backward", .define = p->by ? "SLOPE_B" : "SLOPE_A"};
    return true;
}

static const venn_op_desc binary_backward = {
    .name = "binary.backward",
    .summary = "dy times the slope of f(a, b) by a or b",
    .inputs = {{"a"}, {"b"}, {"dy"}},
    .n_inputs = 3,
    .n_outputs = 1,
    .params_size = sizeof(slope_params),
    .shape = venn_binary_shape,
    .record = record_backward,
    .cost = cost_backward,
    .element = backward_element,
};

void venn_binary_function_gradient(venn_graph *g, const venn_node *n, const venn_tensor *dy,
                                   uint32_t need, venn_tensor *dx)
{
    for (int i = 0; i < 2; i++) {
        if (!(need >> i & 1))
            continue;
        const slope_params p = {n->op, i};
        const venn_tensor in[] = {venn_in(n, 0), venn_in(n, 1), dy[0]};
        dx[i] =
            venn_sum_to(g, venn_op_apply(g, &binary_backward, in, 3, &p, NULL), n->in[i]->shape);
    }
}

void venn_binary_function_ref(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++)
        r->y[0][e] = binary_of(n->op)->value(r->x[0][venn_binary_index(n, 0, e)],
                                             r->x[1][venn_binary_index(n, 1, e)]);
}

void venn_binary_function_ref_grad(const venn_ref *r)
{
    const venn_node *n = r->node;
    for (int64_t e = 0; e < n->out[0]->count; e++) {
        const int64_t index[2] = {venn_binary_index(n, 0, e), venn_binary_index(n, 1, e)};
        const double a = r->x[0][index[0]], b = r->x[1][index[1]];
        for (int i = 0; i < 2; i++)
            if (r->dx[i])
                r->dx[i][index[i]] += r->dy[0][e] * binary_of(n->op)->slope[i](a, b);
    }
}

void venn_binary_function_cost(const venn_node *n, venn_cost *cost)
{
    venn_binary_cost(n, cost);
    cost->flops *= binary_of(n->op)->flops;
}
